import { limits } from '#core/limits.ts'
import { createCredentials, sealKeys } from '#crypto/credentials.ts'
import { keyCheckValue, type Vault } from '#crypto/vault.ts'
import type { AlgorithmParameters } from '#domain/subscription.ts'
import type { TenantDb } from '#store/db.ts'
import type { RowFault } from './columns.ts'
import type { FileRow, ProfileNames } from './sims.ts'
import { shown } from './text.ts'

/** A SIM that an import will make. Its keys are sealed from the moment its line was read. */
export interface NewSim {
  id: string
  cardId: string
  imsi: string
  iccid: string
  msisdn: string | null
  eid: string | null
  formFactor: string
  use: string
  owner: string
  profileId: string
  class: string
  label: string | null
  /** Base64 of the sealed record. */
  sealed: string
  kcv: string
}

export interface NewSimOptions {
  vault: Vault
  newId(): string
  /** MCC and MNC as our IMSIs begin. */
  imsiPrefix: string
  parameters: AlgorithmParameters
  /** For every row, where the job names one. */
  providerId: string | null
  providers: ProviderNames
  profiles: ProfileNames
}

export async function newSimOf(row: FileRow, options: NewSimOptions): Promise<{ sim: NewSim } | { fault: RowFault }> {
  const { values } = row
  const { imsi = '', iccid = '', profile = '' } = values
  const refuse = (column: string, code: string, value: string | null, detail: string): { fault: RowFault } => ({
    fault: { column, code, value: value === null ? null : shown(value), detail },
  })
  if (!imsi.startsWith(options.imsiPrefix))
    return refuse('imsi', 'imsi-foreign', imsi, `IMSIs of this operator begin with ${options.imsiPrefix}`)
  const owner = values.provider === undefined ? options.providerId : await options.providers.find(values.provider)
  if (owner === null || owner === undefined)
    return refuse('provider', 'provider-unknown', values.provider ?? null, 'there is no such provider')
  if (options.providerId !== null && owner !== options.providerId)
    return refuse('provider', 'provider-mismatch', values.provider ?? null, 'the job is for another provider')
  const profileId = await options.profiles.find(owner, profile)
  if (profileId === undefined) return refuse('profile', 'profile-unknown', profile, 'its provider has no such profile')
  const keys = sealRow(imsi, values, options)
  if (keys === null)
    return refuse('ki', 'key-invalid', null, `the keys do not fit ${options.parameters.algorithm}, the algorithm of the batch`)
  const { msisdn } = values
  return {
    sim: {
      id: options.newId(),
      cardId: options.newId(),
      imsi,
      iccid,
      msisdn: msisdn === undefined ? null : `+${msisdn.replace(/^\+/, '')}`,
      eid: values.eid ?? null,
      formFactor: values.form_factor ?? '',
      use: values.use ?? '',
      owner,
      profileId,
      class: values.class ?? 'standard',
      label: values.label ?? null,
      ...keys,
    },
  }
}

/** Keys go from the cell into the vault and are wiped; null where they do not fit the algorithm. */
function sealRow(imsi: string, values: FileRow['values'], { vault, parameters }: NewSimOptions): { sealed: string; kcv: string } | null {
  const k = Buffer.from(values.ki ?? '', 'hex')
  const opc = Buffer.from(values.opc ?? '', 'hex')
  try {
    const { algorithm, milenage, tuak } = parameters
    createCredentials({ algorithm, k, opc, parameters: { ...(milenage && { milenage }), ...(tuak && { tuak }) } })
    return { sealed: sealKeys(vault, imsi, { k, opc }).toString('base64'), kcv: keyCheckValue(k) }
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  } finally {
    k.fill(0)
    opc.fill(0)
  }
}

/** What looks like a key, wherever it stands: a row whose cells have shifted must not show one. */
export function looksLikeKey(cell: string): boolean {
  return /[0-9a-f]{32}/i.test(cell.replaceAll(/[\s:-]/g, '')) && !/^89\d{30}$/.test(cell.trim())
}

/** Names of the providers, read once. */
export class ProviderNames {
  readonly #db: TenantDb
  #known: ReadonlyMap<string, string> | null = null

  constructor(db: TenantDb) {
    this.#db = db
  }

  async find(nameOrId: string): Promise<string | undefined> {
    if (this.#known === null) {
      const { rows } = await this.#db.query<{ id: string; name: string }>('SELECT id, name FROM provider ORDER BY name LIMIT $1', [
        limits.jobs.namedSims,
      ])
      this.#known = new Map(rows.flatMap(({ id, name }) => [[id, id] as const, [name.toLowerCase(), id] as const]))
    }
    return this.#known.get(nameOrId.toLowerCase())
  }
}
