import { extend } from '../dictionary.ts'
import { base } from './base.ts'

/** Diameter Overload Indication Conveyance (RFC 7683). */
export const doic = extend([base], {
  name: 'DOIC',
  avps: {
    'OC-Supported-Features': { code: 621, type: 'Grouped', spec: 'RFC 7683 §7.1', members: { 'OC-Feature-Vector': 'optional' } },
    'OC-Feature-Vector': { code: 622, type: 'Unsigned64', spec: 'RFC 7683 §7.2' },
    'OC-OLR': {
      code: 623,
      type: 'Grouped',
      spec: 'RFC 7683 §7.3',
      members: {
        'OC-Sequence-Number': 'fixed',
        'OC-Report-Type': 'fixed',
        'OC-Reduction-Percentage': 'optional',
        'OC-Validity-Duration': 'optional',
      },
    },
    'OC-Sequence-Number': { code: 624, type: 'Unsigned64', spec: 'RFC 7683 §7.4' },
    'OC-Validity-Duration': { code: 625, type: 'Unsigned32', spec: 'RFC 7683 §7.5' },
    'OC-Report-Type': { code: 626, type: 'Enumerated', spec: 'RFC 7683 §7.6', values: { 0: 'HOST_REPORT', 1: 'REALM_REPORT' } },
    'OC-Reduction-Percentage': { code: 627, type: 'Unsigned32', spec: 'RFC 7683 §7.7' },
  },
  commands: {},
})
