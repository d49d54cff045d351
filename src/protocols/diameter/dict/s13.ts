import { extend } from '../dictionary.ts'
import { s6a } from './s6a.ts'

/** 3GPP's vendor number. */
const TGPP = 10415

/** S13 and S13' (TS 29.272): MME or SGSN towards the equipment identity register. */
export const s13 = extend([s6a], {
  name: 'S13',
  avps: {
    'Equipment-Status': {
      code: 1445,
      vendor: TGPP,
      type: 'Enumerated',
      mandatory: true,
      spec: 'TS 29.272 §7.3.51',
      values: { 0: 'WHITELISTED', 1: 'BLACKLISTED', 2: 'GREYLISTED' },
    },
  },
  commands: {
    ECR: {
      code: 324,
      application: 16777252,
      name: 'ME-Identity-Check-Request',
      request: true,
      proxiable: true,
      spec: 'TS 29.272 §7.2.19',
      avps: {
        'Session-Id': 'fixed',
        DRMP: 'optional',
        'Vendor-Specific-Application-Id': 'optional',
        'Auth-Session-State': 'required',
        'Origin-Host': 'required',
        'Origin-Realm': 'required',
        'Destination-Host': 'optional',
        'Destination-Realm': 'required',
        'User-Name': 'optional',
        'Terminal-Information': 'required',
        'Proxy-Info': 'many',
        'Route-Record': 'many',
      },
    },
    ECA: {
      code: 324,
      application: 16777252,
      name: 'ME-Identity-Check-Answer',
      request: false,
      proxiable: true,
      spec: 'TS 29.272 §7.2.20',
      avps: {
        'Session-Id': 'fixed',
        DRMP: 'optional',
        'Vendor-Specific-Application-Id': 'optional',
        'Result-Code': 'optional',
        'Experimental-Result': 'optional',
        'Auth-Session-State': 'required',
        'Origin-Host': 'required',
        'Origin-Realm': 'required',
        'Equipment-Status': 'optional',
        'Failed-AVP': 'optional',
        'Proxy-Info': 'many',
        'Route-Record': 'many',
      },
    },
  },
})
