-- What a provider is shown of its security and of the availability of its services: rolled up as it happens, so that a
-- page reads few rows however busy the network is.

-- Judged messages by hour: attacks refused, attacks that passed, devices refused.
CREATE TABLE health_hour (
  provider_id uuid NOT NULL REFERENCES provider,
  hour timestamptz NOT NULL,
  kind text NOT NULL CHECK (kind IN ('attack', 'attack-passed', 'refused')),
  reason text NOT NULL,
  rule_id text NOT NULL,
  -- As the message claims; only networks on record, anything else is ''.
  visited_plmn text NOT NULL,
  count int NOT NULL,
  last_at timestamptz NOT NULL,
  PRIMARY KEY (provider_id, hour, kind, reason, rule_id, visited_plmn)
);
CREATE INDEX health_hour_time ON health_hour (hour);

-- Which SIMs it was about, by day.
CREATE TABLE health_sim (
  provider_id uuid NOT NULL REFERENCES provider,
  kind text NOT NULL CHECK (kind IN ('attack', 'refused')),
  day date NOT NULL,
  reason text NOT NULL,
  imsi text COLLATE "C" NOT NULL,
  count int NOT NULL,
  last_at timestamptz NOT NULL,
  PRIMARY KEY (provider_id, kind, day, reason, imsi)
);
CREATE INDEX health_sim_day ON health_sim (day);

-- The device last seen with each IMSI. Without a data-processing agreement of its provider no IMEI stands here.
CREATE TABLE equipment_seen (
  imsi text COLLATE "C" PRIMARY KEY,
  provider_id uuid NOT NULL REFERENCES provider,
  -- 14 digits: the software version is no part of the identity (TS 23.003 §6.2).
  imei text COLLATE "C",
  software_version text,
  rat_type int,
  visited_plmn text NOT NULL,
  -- Whether the link proves that the network is the partner's.
  network_proven boolean NOT NULL,
  first_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX equipment_seen_provider ON equipment_seen (provider_id, imsi);
CREATE INDEX equipment_seen_rat ON equipment_seen (provider_id, rat_type, imsi);
CREATE INDEX equipment_seen_time ON equipment_seen (seen_at);

-- Another device on the same IMSI: registered, or refused by the IMEI lock.
CREATE TABLE equipment_change (
  imsi text COLLATE "C" NOT NULL,
  day date NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('registered', 'refused')),
  to_imei text COLLATE "C" NOT NULL,
  from_imei text COLLATE "C" NOT NULL,
  provider_id uuid NOT NULL REFERENCES provider,
  visited_plmn text NOT NULL,
  count int NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  PRIMARY KEY (imsi, day, outcome, to_imei)
);
CREATE INDEX equipment_change_provider ON equipment_change (provider_id, last_at DESC);
CREATE INDEX equipment_change_day ON equipment_change (day);

-- Devices that tried to get in and those that did, by service (a group that is one, else the profile) and network.
-- Counted in steps of 5 minutes, an hour and a day, so that every window reads few rows.
CREATE TABLE service_availability (
  service_id uuid NOT NULL,
  step_s int NOT NULL CHECK (step_s IN (300, 3600, 86400)),
  at timestamptz NOT NULL,
  visited_plmn text NOT NULL,
  provider_id uuid NOT NULL REFERENCES provider,
  got_in int NOT NULL,
  kept_out int NOT NULL,
  -- By policy: suspended, not subscribed, IMEI lock. Not unavailability.
  refused int NOT NULL,
  PRIMARY KEY (service_id, step_s, at, visited_plmn)
);
CREATE INDEX service_availability_provider ON service_availability (provider_id, step_s, at);
CREATE INDEX service_availability_time ON service_availability (step_s, at);

-- What runs out: a row per provider and thing, renewed in the background.
CREATE TABLE health_due (
  provider_id uuid NOT NULL REFERENCES provider,
  kind text NOT NULL,
  subject text NOT NULL,
  name text NOT NULL,
  -- null: none is on record.
  due_at timestamptz,
  checked_at timestamptz NOT NULL,
  PRIMARY KEY (provider_id, kind, subject)
);

-- What waits for a person of the provider: counted along indexes that hold nothing else.
CREATE INDEX health_subscription_held ON subscription (provider_id) WHERE hold_next_attach;
CREATE INDEX health_approval_waiting ON approval (provider_id) WHERE state = 'waiting';
CREATE INDEX health_usage_alerted ON usage_counter (provider_id, period_end) WHERE alerted > 0;
CREATE INDEX health_subscription_batch ON subscription (batch_id, provider_id);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['health_hour', 'health_sim', 'equipment_seen', 'equipment_change', 'service_availability', 'health_due'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY tenant ON %I TO simward_tenant USING (provider_id = nullif(current_setting(''app.provider'', true), '''')::uuid)
       WITH CHECK (provider_id = nullif(current_setting(''app.provider'', true), '''')::uuid)', name);
    EXECUTE format('CREATE POLICY operator ON %I TO simward_operator USING (true) WITH CHECK (true)', name);
    EXECUTE format('GRANT SELECT ON %I TO simward_tenant, simward_operator', name);
  END LOOP;
END $$;
