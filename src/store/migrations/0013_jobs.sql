-- Bulk work: one change to many SIMs, previewed, bound to a hash of its set, done in chunks that survive a restart.

CREATE TABLE job (
  id uuid PRIMARY KEY,
  -- null: the operator's own, over every tenant.
  provider_id uuid REFERENCES provider,
  kind text NOT NULL CHECK (kind IN ('change', 'csv', 'import')),
  state text NOT NULL CHECK (state IN ('draft', 'receiving', 'previewing', 'ready', 'waiting', 'checking', 'running', 'paused',
                                       'telling', 'done', 'cancelled', 'failed')),
  -- What is done to each SIM; for `csv` and `import` what holds for every row.
  change jsonb NOT NULL DEFAULT '{}',
  -- Where the set comes from: {"filter", "now"}, {"rows": true} or {"retryOf"}.
  target jsonb NOT NULL,
  reason text NOT NULL,
  created_by text NOT NULL,
  created_by_name text NOT NULL,
  is_person boolean NOT NULL,
  address text,
  -- Persons who agreed, besides whoever asked.
  approved_by text[] NOT NULL DEFAULT '{}',
  approval_id uuid,
  -- Rows of the set, rows and chunks done, and what became of the rows.
  total int NOT NULL DEFAULT 0,
  chunks int NOT NULL DEFAULT 0,
  done int NOT NULL DEFAULT 0,
  outcomes jsonb NOT NULL DEFAULT '{}',
  -- Rows of the file that cannot be used.
  bad_rows int NOT NULL DEFAULT 0,
  -- Counts, sample and what an approval needs; null before the first preview.
  preview jsonb,
  -- SHA-256 over the change and the ordered set; what was approved is exactly this.
  set_hash bytea,
  -- Where a stage that walks has got to.
  cursor jsonb,
  -- SIMs whose serving nodes are to be told, and have been.
  to_tell int NOT NULL DEFAULT 0,
  told int NOT NULL DEFAULT 0,
  told_outcomes jsonb NOT NULL DEFAULT '{}',
  -- By partner, how many of the changed are registered there.
  to_tell_by jsonb NOT NULL DEFAULT '{}',
  -- Rows a second, lately.
  rate real NOT NULL DEFAULT 0,
  fault text,
  retry_of uuid,
  -- The process that works on it, until when.
  lease_owner text,
  lease_until timestamptz,
  created_at timestamptz NOT NULL,
  started_at timestamptz,
  finished_at timestamptz,
  changed_at timestamptz NOT NULL
);
CREATE INDEX job_provider ON job (provider_id, id DESC);
CREATE INDEX job_at_work ON job (id) WHERE state IN ('receiving', 'previewing', 'checking', 'running', 'telling', 'paused', 'cancelled');
CREATE INDEX job_approval ON job (approval_id) WHERE approval_id IS NOT NULL;

-- The frozen set, some hundred rows to a chunk. A chunk is done in one transaction: then, and only then, it has outcomes.
CREATE TABLE job_chunk (
  job_id uuid NOT NULL REFERENCES job ON DELETE CASCADE,
  provider_id uuid,
  n int NOT NULL,
  ids uuid[] NOT NULL,
  imsis text[] NOT NULL,
  owners uuid[] NOT NULL,
  -- Line of the file; empty where there is none.
  lines int[] NOT NULL DEFAULT '{}',
  -- `csv`: the changes of the chunk, and which of them each row gets (from 0).
  changes jsonb,
  change_of int[] NOT NULL DEFAULT '{}',
  -- `import`: the new SIMs, keys sealed; emptied when done.
  sims jsonb,
  -- A letter a row: c changed, u unchanged, r refused, a needs approval.
  outcomes text,
  told boolean NOT NULL DEFAULT false,
  PRIMARY KEY (job_id, n)
);
CREATE INDEX job_chunk_untold ON job_chunk (job_id, n) WHERE outcomes IS NOT NULL AND NOT told;

-- What is wrong with a row: of the file while it is read, of the SIM when it was to be changed.
CREATE TABLE job_problem (
  job_id uuid NOT NULL REFERENCES job ON DELETE CASCADE,
  provider_id uuid,
  stage text NOT NULL CHECK (stage IN ('file', 'run')),
  n int NOT NULL,
  line int,
  imsi text,
  field text,
  code text NOT NULL,
  value text,
  detail text NOT NULL DEFAULT '',
  -- The row as it came, without keys.
  cells jsonb,
  PRIMARY KEY (job_id, stage, n)
);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['job', 'job_chunk', 'job_problem'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY tenant ON %I TO simward_tenant USING (provider_id = nullif(current_setting(''app.provider'', true), '''')::uuid)
       WITH CHECK (provider_id = nullif(current_setting(''app.provider'', true), '''')::uuid)', name);
    EXECUTE format('CREATE POLICY operator ON %I TO simward_operator USING (true) WITH CHECK (true)', name);
  END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON job, job_problem TO simward_tenant, simward_operator;
-- Sealed keys of an import are in nobody's reach.
GRANT SELECT (job_id, provider_id, n, ids, imsis, owners, lines, changes, change_of, outcomes, told), INSERT, UPDATE, DELETE
  ON job_chunk TO simward_tenant, simward_operator;
