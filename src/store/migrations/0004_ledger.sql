-- The ledger: rows are added, never changed. Each process writes chains of its own, tied together by checkpoints.

CREATE TABLE ledger_chain (
  id uuid PRIMARY KEY,
  node text NOT NULL,
  started_at timestamptz NOT NULL
);

CREATE TABLE ledger_entry (
  chain uuid NOT NULL REFERENCES ledger_chain,
  seq int8 NOT NULL CHECK (seq > 0),
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  kind text NOT NULL,
  actor text NOT NULL,
  provider_id uuid,
  subject_id uuid,
  body jsonb NOT NULL,
  -- Personal data under the subject's key; unreadable for ever once that key is destroyed.
  sealed bytea,
  prev bytea NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (chain, seq)
);
CREATE UNIQUE INDEX ledger_entry_id ON ledger_entry (id DESC);
CREATE INDEX ledger_entry_time ON ledger_entry (at DESC);
CREATE INDEX ledger_entry_provider ON ledger_entry (provider_id, id DESC);
CREATE INDEX ledger_entry_subject ON ledger_entry (subject_id, id DESC) WHERE subject_id IS NOT NULL;
CREATE INDEX ledger_entry_kind ON ledger_entry (kind, id DESC);

CREATE TABLE ledger_checkpoint (
  number int8 PRIMARY KEY CHECK (number > 0),
  at timestamptz NOT NULL,
  node text NOT NULL,
  prev bytea NOT NULL,
  hash bytea NOT NULL,
  key_id text NOT NULL,
  signature bytea NOT NULL
);

-- How far a checkpoint reaches in each chain that grew: the hash of its last entry, and the Merkle root over the hashes
-- of the entries since the chain's former head, so that one entry can be proven without the others.
CREATE TABLE ledger_head (
  chain uuid NOT NULL REFERENCES ledger_chain,
  seq int8 NOT NULL,
  from_seq int8 NOT NULL,
  hash bytea NOT NULL,
  root bytea NOT NULL,
  checkpoint int8 NOT NULL REFERENCES ledger_checkpoint,
  PRIMARY KEY (chain, seq)
);
CREATE INDEX ledger_head_checkpoint ON ledger_head (checkpoint);

-- The key of one person or SIM. Erasure empties wrapped_key and identifier; the row stays to say when.
CREATE TABLE subject_key (
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  identifier text COLLATE "C",
  provider_id uuid,
  wrapped_key bytea,
  created_at timestamptz NOT NULL,
  erased_at timestamptz,
  CHECK ((wrapped_key IS NULL) = (erased_at IS NOT NULL)),
  CHECK (erased_at IS NULL OR identifier IS NULL)
);
CREATE UNIQUE INDEX subject_key_identifier ON subject_key (kind, identifier) WHERE identifier IS NOT NULL;

CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger is append-only: % on % refused', TG_OP, TG_TABLE_NAME USING ERRCODE = '42501';
END $$;

CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_checkpoint_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_checkpoint
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_head_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_head
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_chain_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_chain
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
