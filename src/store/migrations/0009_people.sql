-- Organisations in law, their people, and what must hold between organisations whatever a query says.

-- Who an organisation is in law, and who made sure of it (CLP.14 §3.1); whom to call; whether its people may come in.
ALTER TABLE provider
  -- {"name", "registrationNumber", "country"}; null: not on record.
  ADD COLUMN legal jsonb,
  -- {"at", "by", "evidence"}; null: nobody has checked it against a document, or it was changed since.
  ADD COLUMN verified jsonb,
  -- {"name", "email", "phone"}
  ADD COLUMN contact jsonb,
  -- {"at", "by", "reason"}; while it stands nobody of the organisation can sign in. Its SIMs go on.
  ADD COLUMN suspended jsonb,
  -- Rises with every change: the ETag.
  ADD COLUMN version int NOT NULL DEFAULT 1,
  ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
CREATE UNIQUE INDEX provider_name ON provider (lower(name));

ALTER TABLE person
  ADD COLUMN version int NOT NULL DEFAULT 1,
  -- Comes in by the organisation's single sign-on only: no link of ours.
  ADD COLUMN sso_only boolean NOT NULL DEFAULT false,
  ADD COLUMN signed_in_at timestamptz,
  -- Nobody of a provider ever holds a role of the operator, and the other way round.
  ADD CONSTRAINT person_roles CHECK (CASE WHEN provider_id IS NULL
    THEN roles <@ ARRAY['operator-admin', 'operator-engineer', 'operator-security', 'auditor']
    ELSE roles <@ ARRAY['provider-admin', 'provider-manager', 'provider-viewer'] END);
GRANT INSERT, UPDATE ON person TO simward_tenant, simward_operator;

ALTER TABLE sim_group ADD COLUMN version int NOT NULL DEFAULT 1;

-- Foreign keys look past row-level security: without these a tenant that learned an id could hang its SIM or group under a
-- group of somebody else.
ALTER TABLE sim_group ADD CONSTRAINT sim_group_of_provider UNIQUE (provider_id, id);
ALTER TABLE sim_group ADD CONSTRAINT sim_group_parent_of_provider
  FOREIGN KEY (provider_id, parent_id) REFERENCES sim_group (provider_id, id);
ALTER TABLE subscription ADD CONSTRAINT subscription_group_of_provider
  FOREIGN KEY (provider_id, group_id) REFERENCES sim_group (provider_id, id);
CREATE INDEX sim_group_parent ON sim_group (parent_id) WHERE parent_id IS NOT NULL;

-- An eUICC may carry several profiles, but belongs to one customer (CLP.14 §3.1). Runs with the owner's eyes: a tenant
-- does not see the other card.
CREATE FUNCTION card_eid_has_one_provider() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE taken text;
BEGIN
  SELECT a.eid INTO taken FROM added a JOIN card c ON c.eid = a.eid AND c.provider_id <> a.provider_id LIMIT 1;
  IF taken IS NOT NULL THEN
    RAISE EXCEPTION 'the eUICC % belongs to another provider', taken USING ERRCODE = '23505', CONSTRAINT = 'card_eid_one_provider';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER card_eid_inserted AFTER INSERT ON card REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION card_eid_has_one_provider();
CREATE TRIGGER card_eid_updated AFTER UPDATE ON card REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION card_eid_has_one_provider();
