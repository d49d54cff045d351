import { extend } from '../dictionary.ts'
import { base } from './base.ts'

/** Diameter Load Information Conveyance (RFC 8583). */
export const load = extend([base], {
  name: 'Load',
  avps: {
    SourceID: { code: 649, type: 'DiameterIdentity', spec: 'RFC 8583 §7.4' },
    Load: {
      code: 650,
      type: 'Grouped',
      spec: 'RFC 8583 §7.1',
      members: { 'Load-Type': 'optional', 'Load-Value': 'optional', SourceID: 'optional' },
    },
    'Load-Type': { code: 651, type: 'Enumerated', spec: 'RFC 8583 §7.2', values: { 0: 'HOST', 1: 'PEER' } },
    'Load-Value': { code: 652, type: 'Unsigned64', spec: 'RFC 8583 §7.3' },
  },
  commands: {},
})
