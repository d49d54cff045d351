-- Two roles without bypass: what a provider's person may see and change, and what the operator's may.
-- Signalling uses the owner's connection; portal and API queries always switch to one of these.

-- A database account without the right to make roles works too, if both exist and are granted to it.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['simward_tenant', 'simward_operator'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN NOBYPASSRLS', name);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL; -- another database of this cluster was being prepared at the same moment
      END;
    END IF;
    IF NOT pg_has_role(current_user, name, 'MEMBER') THEN
      EXECUTE format('GRANT %I TO %I', name, current_user);
    END IF;
  END LOOP;
END $$;

DO $$ BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO simward_tenant, simward_operator', current_schema());
END $$;

-- After the first local setting an unset one reads as '', not null: hence nullif.
CREATE FUNCTION current_provider() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.provider', true), '')::uuid $$;

-- Rows that carry their provider. An operator's row (provider_id null) is no tenant's.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['card_batch', 'card', 'service_profile', 'subscription', 'signal_event', 'alarm',
                              'control_evidence', 'ledger_entry', 'subject_key', 'person'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY tenant ON %I TO simward_tenant USING (provider_id = nullif(current_setting(''app.provider'', true), '''')::uuid)
       WITH CHECK (provider_id = nullif(current_setting(''app.provider'', true), '''')::uuid)', name);
    EXECUTE format('CREATE POLICY operator ON %I TO simward_operator USING (true) WITH CHECK (true)', name);
  END LOOP;
END $$;

ALTER TABLE provider ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON provider TO simward_tenant USING (id = nullif(current_setting('app.provider', true), '')::uuid);
CREATE POLICY operator ON provider TO simward_operator USING (true) WITH CHECK (true);

-- Rows that belong to a provider through their IMSI: the subscription's own policy decides.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['auc', 'registration'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I TO simward_tenant USING (EXISTS (SELECT FROM subscription s
       WHERE s.imsi = %I.imsi AND s.provider_id = nullif(current_setting(''app.provider'', true), '''')::uuid))', name, name);
    EXECUTE format('CREATE POLICY operator ON %I TO simward_operator USING (true) WITH CHECK (true)', name);
  END LOOP;
END $$;

-- What either may read. Sealed keys, sessions and credentials are in nobody's reach; a key check value is.
GRANT SELECT ON provider, card_batch, card, service_profile, subscription, registration, signal_event, alarm,
  control_evidence, ledger_entry, person TO simward_tenant, simward_operator;
GRANT SELECT (imsi, kcv, seq_reserved, given_to) ON auc TO simward_tenant, simward_operator;
GRANT SELECT (id, kind, provider_id, created_at, erased_at) ON subject_key TO simward_tenant, simward_operator;
GRANT SELECT ON ledger_chain, ledger_checkpoint, ledger_head, rule_mode TO simward_tenant, simward_operator;
GRANT SELECT ON partner, peer, setting, partition_lease, ind_slot TO simward_operator;
GRANT SELECT (id, name) ON partner TO simward_tenant;

-- What either may change.
GRANT INSERT, UPDATE, DELETE ON card, service_profile, subscription TO simward_tenant, simward_operator;
GRANT UPDATE (state, owner, note, acknowledged_at, acknowledged_by, cleared_at, cleared_by) ON alarm TO simward_tenant, simward_operator;
GRANT INSERT, UPDATE, DELETE ON provider, card_batch, partner, peer, rule_mode, setting, alarm TO simward_operator;
