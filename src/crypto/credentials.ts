import { inspect } from 'node:util'
import type { AesImplementation } from './aes.ts'
import type { AuthenticationFunctions, FunctionParameters, KeyMaterial, MilenageParameters } from './authentication.ts'
import { createMilenage } from './milenage.ts'
import { createTuak } from './tuak.ts'
import type { Vault } from './vault.ts'

/**
 * A subscriber's keys, ready to work and unable to show themselves: text, JSON and inspection say only the algorithm.
 * Made to be kept by the hundred thousand: of MILENAGE it holds the octets, not the key schedule, which takes several
 * times their room and a tenth of a vector's time.
 */
export class Credentials {
  readonly algorithm: 'MILENAGE' | 'TUAK'
  readonly #k: Uint8Array
  readonly #opc: Uint8Array
  readonly #milenage: MilenageParameters | undefined
  readonly #aes: AesImplementation
  /** TUAK has no schedule: its functions are as small as its keys. */
  readonly #tuak: AuthenticationFunctions | undefined

  /** Copies the keys. A key, OPc or parameter of the wrong shape is a RangeError that names it. */
  constructor(material: KeyMaterial, aes: AesImplementation = 'table') {
    const functions = createFunctions(material, aes)
    const isTuak = material.algorithm === 'TUAK'
    this.algorithm = material.algorithm
    this.#k = Uint8Array.from(isTuak ? [] : material.k)
    this.#opc = Uint8Array.from(isTuak ? [] : material.opc)
    this.#milenage = material.parameters?.milenage
    this.#aes = aes
    this.#tuak = isTuak ? functions : undefined
  }

  /** f1..f5*. Keep them for as long as one request takes, no longer. */
  get functions(): AuthenticationFunctions {
    return this.#tuak ?? createMilenage(this.#k, this.#opc, this.#milenage, this.#aes)
  }

  toString(): string {
    return `Credentials(${this.algorithm})`
  }

  toJSON(): string {
    return this.toString()
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

/** As `new Credentials`. */
export function createCredentials(material: KeyMaterial, aes: AesImplementation = 'table'): Credentials {
  return new Credentials(material, aes)
}

/** f1..f5* for keys in the open. */
export function createFunctions(material: KeyMaterial, aes: AesImplementation): AuthenticationFunctions {
  const { algorithm, k, opc, parameters } = material
  return algorithm === 'MILENAGE' ? createMilenage(k, opc, parameters?.milenage, aes) : createTuak(k, opc, parameters?.tuak)
}

/** A subscriber's keys as the store has them. */
export interface SealedKeys {
  readonly algorithm: 'MILENAGE' | 'TUAK'
  readonly sealedK: Uint8Array
  readonly sealedOpc: Uint8Array
  readonly parameters?: FunctionParameters
}

/** Opens K and OPc (or TOPc) and wipes them once they are in the credentials. null where the vault does not open one. */
export function openCredentials(vault: Vault, imsi: string, sealed: SealedKeys, aes: AesImplementation = 'table'): Credentials | null {
  const k = vault.open('subscriber-k', imsi, sealed.sealedK)
  const opc = vault.open('subscriber-opc', imsi, sealed.sealedOpc)
  try {
    if (k === null || opc === null) return null
    return new Credentials({ algorithm: sealed.algorithm, k, opc, ...(sealed.parameters && { parameters: sealed.parameters }) }, aes)
  } finally {
    k?.fill(0)
    opc?.fill(0)
  }
}
