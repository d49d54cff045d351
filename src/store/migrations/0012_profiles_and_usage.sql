-- Versions of service profiles with the assessments behind them, acknowledgements, rate plans, and what SIMs used.

-- Every edit of a profile; service_profile has the version in force.
CREATE TABLE service_profile_version (
  profile_id uuid NOT NULL REFERENCES service_profile ON DELETE CASCADE,
  version int NOT NULL CHECK (version > 0),
  provider_id uuid NOT NULL REFERENCES provider,
  body jsonb NOT NULL,
  -- A person, a client or an approval; null: it came with the installation.
  made_by text,
  made_at timestamptz NOT NULL,
  reason text NOT NULL,
  -- When it last came into force; null: never yet.
  applied_at timestamptz,
  applied_by text,
  PRIMARY KEY (profile_id, version)
);
INSERT INTO service_profile_version (profile_id, version, provider_id, body, made_at, reason, applied_at)
  SELECT id, version, provider_id, body, changed_at, '', changed_at FROM service_profile;

-- Telling the serving nodes of a profile's SIMs that it changed: in chunks by IMSI, taken up again after a restart.
CREATE TABLE profile_push (
  profile_id uuid PRIMARY KEY REFERENCES service_profile ON DELETE CASCADE,
  provider_id uuid NOT NULL REFERENCES provider,
  version int NOT NULL,
  -- SIMs up to this IMSI have been told.
  reached text COLLATE "C" NOT NULL DEFAULT '',
  told int8 NOT NULL DEFAULT 0,
  confirmed int8 NOT NULL DEFAULT 0,
  failed int8 NOT NULL DEFAULT 0,
  not_registered int8 NOT NULL DEFAULT 0,
  started_at timestamptz NOT NULL,
  finished_at timestamptz,
  -- One process at a time works on it.
  worker text,
  worker_until timestamptz
);
CREATE INDEX profile_push_open ON profile_push (started_at) WHERE finished_at IS NULL;

-- Is one of its SIMs critical? Asked before each change of a profile.
CREATE INDEX subscription_profile_critical ON subscription (profile_id, imsi) WHERE class = 'critical';

-- Answers to the questionnaire, and the version that was proposed or judged with them: the evidence for CLP.14 5.1.
CREATE TABLE needs_assessment (
  id uuid PRIMARY KEY,
  provider_id uuid NOT NULL REFERENCES provider,
  profile_id uuid NOT NULL REFERENCES service_profile ON DELETE CASCADE,
  answers jsonb NOT NULL,
  made_by text NOT NULL,
  made_at timestamptz NOT NULL
);
CREATE INDEX needs_assessment_profile ON needs_assessment (profile_id, id DESC);

-- A person of the provider has read how weak SMS or USSD is, and wants it all the same.
CREATE TABLE acknowledgement (
  id uuid PRIMARY KEY,
  provider_id uuid NOT NULL REFERENCES provider,
  bearer text NOT NULL CHECK (bearer IN ('sms', 'ussd')),
  text_version int NOT NULL,
  -- SHA-256 of the text that was shown.
  text_hash text NOT NULL,
  person_id text NOT NULL,
  -- How the person proved who they are at that moment.
  proof jsonb NOT NULL,
  signed_at timestamptz NOT NULL,
  withdrawn_at timestamptz,
  withdrawn_by text
);
CREATE UNIQUE INDEX acknowledgement_standing ON acknowledgement (provider_id, bearer) WHERE withdrawn_at IS NULL;

CREATE TABLE rate_plan (
  id uuid PRIMARY KEY,
  provider_id uuid NOT NULL REFERENCES provider,
  name text NOT NULL,
  version int NOT NULL DEFAULT 1,
  body jsonb NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (provider_id, name),
  UNIQUE (provider_id, id)
);
-- A SIM is on a plan of its own provider, or on none.
ALTER TABLE subscription ADD CONSTRAINT subscription_rate_plan FOREIGN KEY (provider_id, plan_id) REFERENCES rate_plan (provider_id, id);

-- What a SIM used in one period of its plan. A plan that counts otherwise from now on begins new rows.
CREATE TABLE usage_counter (
  imsi text COLLATE "C" NOT NULL,
  period_start timestamptz NOT NULL,
  provider_id uuid NOT NULL REFERENCES provider,
  plan_id uuid,
  period_end timestamptz NOT NULL,
  bytes_up int8 NOT NULL DEFAULT 0,
  bytes_down int8 NOT NULL DEFAULT 0,
  total int8 NOT NULL DEFAULT 0,
  -- The highest threshold, in percent, that was told of.
  alerted int NOT NULL DEFAULT 0,
  cut_off_at timestamptz,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (imsi, period_start)
) WITH (fillfactor = 80);
CREATE INDEX usage_counter_top ON usage_counter (provider_id, plan_id, period_start, total DESC, imsi);
CREATE INDEX usage_counter_cut_off ON usage_counter (period_end, imsi) WHERE cut_off_at IS NOT NULL;

-- Each record counts once: which ones did.
CREATE TABLE usage_record (
  provider_id uuid NOT NULL REFERENCES provider,
  source text COLLATE "C" NOT NULL,
  reference text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (provider_id, source, reference)
);
CREATE INDEX usage_record_time ON usage_record (at);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['service_profile_version', 'profile_push', 'needs_assessment', 'acknowledgement', 'rate_plan',
                              'usage_counter', 'usage_record'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY tenant ON %I TO simward_tenant USING (provider_id = nullif(current_setting(''app.provider'', true), '''')::uuid)
       WITH CHECK (provider_id = nullif(current_setting(''app.provider'', true), '''')::uuid)', name);
    EXECUTE format('CREATE POLICY operator ON %I TO simward_operator USING (true) WITH CHECK (true)', name);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON service_profile_version, profile_push, rate_plan TO simward_tenant, simward_operator;
GRANT SELECT, INSERT, UPDATE ON usage_counter TO simward_tenant, simward_operator;
GRANT SELECT, INSERT ON needs_assessment, usage_record TO simward_tenant, simward_operator;
GRANT SELECT, INSERT ON acknowledgement TO simward_tenant, simward_operator;
GRANT UPDATE (withdrawn_at, withdrawn_by) ON acknowledgement TO simward_tenant, simward_operator;
