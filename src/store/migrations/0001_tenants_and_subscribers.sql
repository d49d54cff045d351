-- Providers, their cards and subscriptions, and what the home subscriber server must remember of each IMSI.
-- Identities are compared octet by octet ("C"), so that a prefix of an IMSI or ICCID is an index range.

CREATE TABLE provider (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  data_processing_agreement jsonb,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE card_batch (
  id uuid PRIMARY KEY,
  provider_id uuid REFERENCES provider,
  supplier text NOT NULL,
  accreditation jsonb,
  parameters jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE card (
  id uuid PRIMARY KEY,
  provider_id uuid NOT NULL REFERENCES provider,
  iccid text COLLATE "C" NOT NULL UNIQUE,
  eid text COLLATE "C",
  form_factor text NOT NULL,
  use text NOT NULL,
  batch_id uuid NOT NULL REFERENCES card_batch
);
CREATE INDEX card_provider ON card (provider_id, iccid);
CREATE INDEX card_eid ON card (eid) WHERE eid IS NOT NULL;

CREATE TABLE service_profile (
  id uuid PRIMARY KEY,
  provider_id uuid NOT NULL REFERENCES provider,
  name text NOT NULL,
  version int NOT NULL DEFAULT 1,
  body jsonb NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (provider_id, name)
);

CREATE TABLE subscription (
  id uuid PRIMARY KEY,
  provider_id uuid NOT NULL REFERENCES provider,
  card_id uuid NOT NULL REFERENCES card,
  imsi text COLLATE "C" NOT NULL UNIQUE,
  msisdn text COLLATE "C",
  home_plmn text NOT NULL,
  intended text NOT NULL DEFAULT 'inventory'
    CHECK (intended IN ('inventory', 'test', 'active', 'suspended', 'retired')),
  imposed jsonb NOT NULL DEFAULT '[]',
  class text NOT NULL DEFAULT 'standard' CHECK (class IN ('critical', 'standard', 'deferrable')),
  hss_partition text NOT NULL DEFAULT 'main',
  profile_id uuid NOT NULL REFERENCES service_profile,
  batch_id uuid NOT NULL REFERENCES card_batch,
  locked_imei text COLLATE "C",
  changed_at timestamptz NOT NULL DEFAULT now()
);
-- The SIMs table is paged by key: each filter that a person combines with paging has its own order.
CREATE INDEX subscription_provider ON subscription (provider_id, imsi);
CREATE INDEX subscription_provider_state ON subscription (provider_id, intended, imsi);
CREATE INDEX subscription_provider_class ON subscription (provider_id, class, imsi);
CREATE INDEX subscription_state ON subscription (intended, imsi);
CREATE INDEX subscription_class ON subscription (class, imsi);
CREATE INDEX subscription_profile ON subscription (profile_id, imsi);
CREATE INDEX subscription_card ON subscription (card_id);
CREATE INDEX subscription_msisdn ON subscription (msisdn) WHERE msisdn IS NOT NULL;
CREATE INDEX subscription_locked_imei ON subscription (locked_imei) WHERE locked_imei IS NOT NULL;
CREATE INDEX subscription_imposed ON subscription (imsi) WHERE imposed <> '[]';

-- One row per IMSI that is rewritten at every reservation: the free space keeps the update on its page, without index work.
CREATE TABLE auc (
  imsi text COLLATE "C" PRIMARY KEY,
  sealed_k bytea NOT NULL,
  sealed_opc bytea,
  kcv text NOT NULL,
  -- Highest SEQ that is durably reserved; SQN = SEQ << IND bits | IND (TS 33.102 Annex C.1.1).
  seq_reserved int8 NOT NULL DEFAULT 0,
  -- PLMNs that got vectors since the IMSI last registered elsewhere.
  given_to text[] NOT NULL DEFAULT '{}'
) WITH (fillfactor = 70);

CREATE TABLE registration (
  imsi text COLLATE "C" PRIMARY KEY,
  mme_host text NOT NULL,
  mme_realm text NOT NULL,
  visited_plmn text NOT NULL,
  partner_id uuid,
  peer_id text,
  registered_at timestamptz NOT NULL,
  purged boolean NOT NULL DEFAULT false,
  imei text COLLATE "C",
  imeisv text COLLATE "C",
  rat_type int,
  ula_flags int,
  terminal jsonb
) WITH (fillfactor = 70);
CREATE INDEX registration_visited ON registration (visited_plmn, imsi);
CREATE INDEX registration_imei ON registration (imei) WHERE imei IS NOT NULL;

-- IND belongs to the requesting domain and serving node, never to a process of ours (TS 33.102 Annex C.3.4).
CREATE TABLE ind_slot (
  hss_partition text NOT NULL,
  node_key text NOT NULL,
  ind int NOT NULL CHECK (ind >= 0),
  assigned_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (hss_partition, node_key)
);

-- One process at a time owns a partition; the epoch rises with every change of owner and fences the former one's writes.
CREATE TABLE partition_lease (
  partition text PRIMARY KEY,
  owner text NOT NULL,
  epoch int8 NOT NULL,
  expires_at timestamptz NOT NULL
);
