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

/** A subscriber's keys as the store has them: each in a record of its own, or both in one, which opens in half the time. */
export interface SealedKeys {
  readonly algorithm: KeyMaterial['algorithm']
  /** K, or K || OPc where `sealedOpc` is null. */
  readonly sealedK: Uint8Array
  readonly sealedOpc: Uint8Array | null
  readonly parameters?: FunctionParameters
}

/** K || OPc (or TOPc) in one record. */
export function sealKeys(vault: Vault, imsi: string, keys: { readonly k: Uint8Array; readonly opc: Uint8Array }): Buffer {
  const both = Buffer.concat([keys.k, keys.opc])
  const record = vault.seal('subscriber-keys', imsi, both)
  both.fill(0)
  return record
}

/**
 * Opens the keys and wipes them once they are in the credentials. null where the vault does not open them, or where they do
 * not fit the algorithm: one bad row must not stop the others that are loaded with it.
 */
export function openCredentials(vault: Vault, imsi: string, sealed: SealedKeys, aes: AesImplementation = 'table'): Credentials | null {
  const keys = sealed.sealedOpc === null ? openBoth(vault, imsi, sealed) : openEach(vault, imsi, sealed.sealedK, sealed.sealedOpc)
  if (keys === null) return null
  try {
    return new Credentials({ algorithm: sealed.algorithm, ...keys, ...(sealed.parameters && { parameters: sealed.parameters }) }, aes)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  } finally {
    keys.k.fill(0)
    keys.opc.fill(0)
  }
}

function openBoth(vault: Vault, imsi: string, sealed: SealedKeys): { k: Buffer; opc: Buffer } | null {
  const both = vault.open('subscriber-keys', imsi, sealed.sealedK)
  if (both === null) return null
  const keyBytes = both.length - algorithmRow(sealed.algorithm).operatorValue.bytes
  return { k: both.subarray(0, keyBytes), opc: both.subarray(keyBytes) }
}

function openEach(vault: Vault, imsi: string, sealedK: Uint8Array, sealedOpc: Uint8Array): { k: Buffer; opc: Buffer } | null {
  const k = vault.open('subscriber-k', imsi, sealedK)
  const opc = vault.open('subscriber-opc', imsi, sealedOpc)
  return k === null || opc === null ? null : { k, opc }
}
