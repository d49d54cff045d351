import { inspect } from 'node:util'
import type { AesImplementation } from './aes.ts'
import { algorithmRow } from './algorithms.ts'
import type { AuthenticationFunctions, FunctionParameters, KeyMaterial } from './authentication.ts'
import type { Vault } from './vault.ts'

/**
 * A subscriber's keys, ready to work and unable to show themselves: text, JSON and inspection say only the algorithm.
 * Made to be kept by the hundred thousand: it holds the keys, not a key schedule.
 */
export class Credentials {
  readonly algorithm: KeyMaterial['algorithm']
  readonly #prepared: () => AuthenticationFunctions

  /** Copies the keys. A key, OPc or parameter of the wrong shape is a RangeError that names it. */
  constructor(material: KeyMaterial, aes: AesImplementation = 'table') {
    this.algorithm = material.algorithm
    this.#prepared = algorithmRow(material.algorithm).prepare(material, aes)
  }

  /** f1..f5*. Keep them for as long as one request takes, no longer. */
  get functions(): AuthenticationFunctions {
    return this.#prepared()
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
