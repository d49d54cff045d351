/** Bits of Unsigned32 AVPs by name; a name's place in its row is its bit, bit 0 the least significant. */
export const bitmasks = {
  // TS 29.272 §7.3.10
  'Feature-List 1': [
    'ODB-all-APN',
    'ODB-HPLMN-APN',
    'ODB-VPLMN-APN',
    'ODB-all-OG',
    'ODB-all-InternationalOG',
    'ODB-all-InternationalOGNotToHPLMN-Country',
    'ODB-all-InterzonalOG',
    'ODB-all-InterzonalOGNotToHPLMN-Country',
    'ODB-all-InterzonalOGandInternationalOGNotToHPLMN-Country',
    'RegSub',
    'Trace',
    'LCS-all-PrivExcep',
    'LCS-Universal',
    'LCS-CallSessionRelated',
    'LCS-CallSessionUnrelated',
    'LCS-PLMNOperator',
    'LCS-ServiceType',
    'LCS-all-MOLR-SS',
    'LCS-BasicSelfLocation',
    'LCS-AutonomousSelfLocation',
    'LCS-TransferToThirdParty',
    'SM-MO-PP',
    'Barring-OutgoingCalls',
    'BAOC',
    'BOIC',
    'BOICExHC',
    'UE-Reachability-Notification',
    'T-ADS-Data-Retrieval',
    'State-Location-Information-Retrieval',
    'Partial-Purge',
    'Local-Time-Zone-Retrieval',
    'Additional-MSISDN',
  ],
  // TS 29.272 §7.3.10
  'Feature-List 2': [
    'SMS-in-MME',
    'SMS-in-SGSN',
    'Dia-LCS-all-PrivExcep',
    'Dia-LCS-Universal',
    'Dia-LCS-CallSessionRelated',
    'Dia-LCS-CallSessionUnrelated',
    'Dia-LCS-PLMNOperator',
    'Dia-LCS-ServiceType',
    'Dia-LCS-all-MOLR-SS',
    'Dia-LCS-BasicSelfLocation',
    'Dia-LCS-AutonomousSelfLocation',
    'Dia-LCS-TransferToThirdParty',
    'Gdd-in-SGSN',
    'Optimized-LCS-Proc-Support',
    'SGSN-CAMEL-Capability',
    'ProSe-Capability',
    'P-CSCF-Restoration',
    'Reset-IDs',
    'Communication-Pattern',
    'Monitoring-Event',
    'Dedicated-Core-Networks',
    'Non-IP-PDN-Type-APNs',
    'Non-IP-PDP-Type-APNs',
    'Removal-of-MSISDN',
    'Emergency-Service-Continuity',
    'V2X-Capability',
    'External-Identifier',
    'NR-as-Secondary-RAT',
  ],
  // TS 29.212 §5.4.1
  'Gx Feature-List 1': [
    'Rel-8-Gx',
    'Rel-9-Gx',
    'Provisioning-AF-Signaling-IP-Flow-Information',
    'Rel-10-Gx',
    'Sponsored-Data-Connectivity',
    'IP-Flow-Mobility',
    'ADC',
    'vSRVCC',
    'EPC-routed',
    'rSRVCC',
    'NetLoc',
    'Usage-Monitoring-Congestion-Handling',
    'Extended-Filter',
    'Trusted-WLAN-Access',
    'SGW-Restoration-procedures',
    'Time-based-Usage-Monitoring-Control',
    'Pending-Transaction',
    'Application-Based-Charging',
    'Spare',
    'NetLoc-Trusted-WLAN',
    'Fixed-Broadband-Access-Convergence',
    'Conditional-APN-Policy-Info',
    'RAN-and-or-NAS-release-cause',
    'Presence-Reporting-Area-Information-reporting',
    'P-CSCF-Restoration-Enhancement',
    'Mission-Critical-QCIs',
    'ResShare',
    'ExUsage',
    'NBIFOM',
    'TSC',
    'NetLoc-Untrusted-WLAN',
    'CondPolicyInfo',
  ],
  // TS 29.212 §5.4.1
  'Gx Feature-List 2': [
    'Enhanced-RAN-and-or-NAS-release-cause',
    'eNodeB-Change',
    'RuleVersioning',
    'Multiple-PRA',
    'CondPolicyInfo-DefaultQoS',
    'Rule-Bound-to-Default-Bearer',
    '3GPP-PS-Data-Off',
    'Extended-BW-for-NR',
  ],
  // TS 29.272 §7.3.7
  'ULR-Flags': [
    'Single-Registration-Indication',
    'S6a-S6d-Indicator',
    'Skip-Subscriber-Data',
    'GPRS-Subscription-Data-Indicator',
    'Node-Type-Indicator',
    'Initial-Attach-Indicator',
    'PS-LCS-Not-Supported-By-UE',
    'SMS-Only-Indication',
    'Dual-Registration-5G-Indicator',
  ],
  // TS 29.272 §7.3.8
  'ULA-Flags': ['Separation-Indication', 'MME-Registered-for-SMS'],
  // TS 29.272 §7.3.201
  'AIR-Flags': ['Send-UE-Usage-Type'],
  // TS 29.272 §7.3.152
  'CLR-Flags': ['S6a-S6d-Indicator', 'Reattach-Required'],
  // TS 29.272 §7.3.103
  'IDR-Flags': [
    'UE-Reachability-Request',
    'T-ADS-Data-Request',
    'EPS-User-State-Request',
    'EPS-Location-Information-Request',
    'Current-Location-Request',
    'Local-Time-Zone-Request',
    'Remove-SMS-Registration',
    'RAT-Type-Requested',
    'P-CSCF-Restoration-Request',
  ],
  // TS 29.272 §7.3.47
  'IDA-Flags': ['Network-Node-area-restricted'],
  // TS 29.272 §7.3.25
  'DSR-Flags': [
    'Regional-Subscription-Withdrawal',
    'Complete-APN-Configuration-Profile-Withdrawal',
    'Subscribed-Charging-Characteristics-Withdrawal',
    'PDN-subscription-contexts-Withdrawal',
    'STN-SR',
    'Complete-PDP-context-list-Withdrawal',
    'PDP-contexts-Withdrawal',
    'Roaming-Restricted-due-to-unsupported-feature',
    'Trace-Data-Withdrawal',
    'CSG-Deleted',
    'APN-OI-Replacement',
    'GMLC-List-Withdrawal',
    'LCS-Withdrawal',
    'SMS-Withdrawal',
    'Subscribed-periodic-RAU-TAU-Timer-Withdrawal',
    'Subscribed-VSRVCC-Withdrawal',
    'A-MSISDN-Withdrawal',
    'ProSe-Withdrawal',
    'Reset-IDs',
    'DL-Buffering-Suggested-Packet-Count-Withdrawal',
    'Subscribed-IMSI-Group-Id-Withdrawal',
    'Delete-monitoring-events',
    'User-Plane-Integrity-Protection-Withdrawal',
    'MSISDN-Withdrawal',
    'UE-Usage-Type-Withdrawal',
    'V2X-Withdrawal',
    'External-Identifier-Withdrawal',
    'Aerial-UE-Subscription-Withdrawal',
    'Paging-Time-Window-Subscription-Withdrawal',
    'Active-Time-Withdrawal',
    'eDRX-Cycle-Length-Withdrawal',
    'Service-Gap-Time-Withdrawal',
  ],
  // TS 29.272 §7.3.26
  'DSA-Flags': ['Network-Node-area-restricted'],
  // TS 29.272 §7.3.149
  'PUR-Flags': ['UE-Purged-in-MME', 'UE-Purged-in-SGSN'],
  // TS 29.272 §7.3.48
  'PUA-Flags': ['Freeze-M-TMSI', 'Freeze-P-TMSI'],
  // TS 29.272 §7.3.49
  'NOR-Flags': [
    'Single-Registration-Indication',
    'SGSN-area-restricted',
    'Ready-for-SM',
    'UE-Reachable',
    'Delete-all-APN-and-PDN-GW-identity-pairs',
    'UE-Reachable-from-SGSN',
    'Ready-for-SM-from-MME',
    'Homogeneous-Support-of-IMS-Voice-Over-PS-Sessions',
    'S6a-S6d-Indicator',
    'Removal-of-MME-Registration-for-SMS',
  ],
  // TS 29.272 §7.3.31
  'Access-Restriction-Data': [
    'UTRAN-Not-Allowed',
    'GERAN-Not-Allowed',
    'GAN-Not-Allowed',
    'I-HSPA-Evolution-Not-Allowed',
    'WB-E-UTRAN-Not-Allowed',
    'HO-To-Non-3GPP-Access-Not-Allowed',
    'NB-IoT-Not-Allowed',
    'Enhanced-Coverage-Not-Allowed',
    'NR-as-Secondary-RAT-Not-Allowed',
    'Unlicensed-Spectrum-as-Secondary-RAT-Not-Allowed',
    'NR-in-5G-Not-Allowed',
    'LTE-M-Not-Allowed',
    'WB-E-UTRAN-Except-LTE-M-Not-Allowed',
  ],
  // TS 29.272 §7.3.30
  'Operator-Determined-Barring': [
    'all-packet-oriented-services',
    'packet-services-from-HPLMN-access-points-while-roaming',
    'packet-services-from-VPLMN-access-points',
    'all-outgoing-calls',
    'outgoing-international',
    'outgoing-international-except-home-country',
    'outgoing-inter-zonal',
    'outgoing-inter-zonal-except-home-country',
    'outgoing-international-except-home-country-and-inter-zonal',
  ],
  // TS 29.272 §7.3.22
  'HPLMN-ODB': ['operator-type-1', 'operator-type-2', 'operator-type-3', 'operator-type-4'],
  // TS 29.272 §7.3.165
  'Subscription-Data-Flags': [
    'PS-And-SMS-Only-Service-Provision-Indication',
    'SMS-In-SGSN-Allowed-Indication',
    'User-Plane-Integrity-Protection',
    'PDN-Connection-Restricted',
  ],
  // TS 29.272 §7.3.230
  'Core-Network-Restrictions': ['Reserved', '5GC'],
} as const

export type Bitmask = keyof typeof bitmasks
export type BitName<M extends Bitmask> = (typeof bitmasks)[M][number]

/** The mask of the named bits: `bits('ULR-Flags', 'S6a-S6d-Indicator')` is 2. Unsigned. */
export function bits<M extends Bitmask>(mask: M, ...names: readonly BitName<M>[]): number {
  const row: readonly string[] = bitmasks[mask]
  return names.reduce((all, name) => (all | (1 << row.indexOf(name))) >>> 0, 0)
}

export function hasBit<M extends Bitmask>(mask: M, value: number | undefined, name: BitName<M>): boolean {
  return ((value ?? 0) & bits(mask, name)) !== 0
}

/** The names of the set bits; `bit 31` for one that has none. */
export function bitNames(mask: Bitmask, value: number): string[] {
  const row: readonly string[] = bitmasks[mask]
  const found: string[] = []
  for (let bit = 0; bit < 32; bit++) if (((value >>> bit) & 1) === 1) found.push(row[bit] ?? `bit ${bit}`)
  return found
}

export function isBitmask(name: string): name is Bitmask {
  return Object.hasOwn(bitmasks, name)
}
