-- Judged messages, alarms and the evidence of controls.

-- Ids are UUID version 7, so a range of ids is a range of time: partitions by id keep the key short, and dropping
-- a day costs nothing. What falls outside every partition lands in the default one.
CREATE TABLE signal_event (
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  interface text NOT NULL,
  operation text NOT NULL,
  direction text NOT NULL,
  peer_id text NOT NULL,
  partner_id uuid,
  origin_host text NOT NULL,
  origin_realm text NOT NULL,
  visited_plmn text,
  imsi text COLLATE "C",
  provider_id uuid,
  class text,
  action text NOT NULL,
  reason text NOT NULL,
  rule_id text NOT NULL,
  facts jsonb NOT NULL DEFAULT '[]',
  shadow jsonb NOT NULL DEFAULT '[]',
  alert boolean NOT NULL DEFAULT false,
  result_code int,
  latency_ms float8 NOT NULL DEFAULT 0,
  held_ms float8 NOT NULL DEFAULT 0,
  vectors int NOT NULL DEFAULT 0,
  -- Whose key seals request and answer; null: they stand in the clear (no subject in the message).
  subject_id uuid,
  request bytea,
  answer bytea,
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE INDEX signal_event_imsi ON signal_event (imsi, id DESC) WHERE imsi IS NOT NULL;
CREATE INDEX signal_event_provider ON signal_event (provider_id, id DESC);
CREATE INDEX signal_event_reason ON signal_event (reason, id DESC);
CREATE INDEX signal_event_alert ON signal_event (id DESC) WHERE alert;
CREATE TABLE signal_event_other PARTITION OF signal_event DEFAULT;

CREATE TABLE alarm (
  id uuid PRIMARY KEY,
  provider_id uuid REFERENCES provider,
  key text NOT NULL,
  severity text NOT NULL CHECK (severity IN ('critical', 'major', 'minor', 'warning')),
  state text NOT NULL DEFAULT 'raised' CHECK (state IN ('raised', 'acknowledged', 'cleared')),
  source text NOT NULL,
  subject text,
  imsi text COLLATE "C",
  owner text,
  cause jsonb NOT NULL DEFAULT '{}',
  what_to_do text NOT NULL DEFAULT '',
  note text,
  count int NOT NULL DEFAULT 1,
  raised_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  acknowledged_at timestamptz,
  acknowledged_by text,
  cleared_at timestamptz,
  cleared_by text
);
-- One standing alarm per cause: raising it again counts.
CREATE UNIQUE INDEX alarm_standing ON alarm (key) WHERE state <> 'cleared';
CREATE INDEX alarm_state ON alarm (state, id DESC);
CREATE INDEX alarm_provider ON alarm (provider_id, id DESC);

CREATE TABLE control_evidence (
  id uuid PRIMARY KEY,
  provider_id uuid,
  control_id text NOT NULL,
  at timestamptz NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('pass', 'fail')),
  source_class text NOT NULL,
  says text NOT NULL DEFAULT '',
  body jsonb NOT NULL DEFAULT '{}',
  signal_id uuid
);
CREATE INDEX control_evidence_control ON control_evidence (control_id, at DESC);
CREATE INDEX control_evidence_provider ON control_evidence (provider_id, at DESC);
CREATE INDEX control_evidence_time ON control_evidence (at);
