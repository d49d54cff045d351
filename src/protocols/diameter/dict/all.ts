import { extend } from '../dictionary.ts'
import { gx } from './gx.ts'
import { s13 } from './s13.ts'

export type { AvpsOf, ValueOf } from '../message.ts'

/** Every application that Simward speaks: base, S6a/S6d, S13, Gx, with DOIC, DRMP and Load. */
export const diameter = extend([s13, gx], { name: 'all', avps: {}, commands: {} })
