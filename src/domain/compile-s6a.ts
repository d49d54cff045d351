import { toTbcd } from '#core/bcd.ts'
import { effectiveState } from './effective-state.ts'
import type { ApnEntry, Radio, ServiceProfile } from './profile.ts'
import type { Subscription, SubscriptionClass } from './subscription.ts'

interface Ambr {
  /** Bits per second. */
  'Max-Requested-Bandwidth-UL': number
  'Max-Requested-Bandwidth-DL': number
}

interface S6aApnConfiguration {
  'Context-Identifier': number
  'PDN-Type': number
  'Service-Selection': string
  'EPS-Subscribed-QoS-Profile': {
    'QoS-Class-Identifier': number
    'Allocation-Retention-Priority': { 'Priority-Level': number; 'Pre-emption-Capability': number; 'Pre-emption-Vulnerability': number }
  }
  'VPLMN-Dynamic-Address-Allowed': number
  AMBR: Ambr
  'Non-IP-PDN-Type-Indicator'?: number
  'Non-IP-Data-Delivery-Mechanism'?: number
}

/** Subscription-Data (TS 29.272 §7.3.2), in the shape of the Diameter codec's AVP object. */
export interface S6aSubscriptionData {
  'Subscriber-Status': number
  MSISDN?: Buffer
  'Network-Access-Mode': number
  'Operator-Determined-Barring'?: number
  'Access-Restriction-Data': number
  'Teleservice-List'?: { 'TS-Code': readonly Buffer[] }
  AMBR: Ambr
  'APN-Configuration-Profile': {
    'Context-Identifier': number
    'All-APN-Configurations-Included-Indicator': number
    'APN-Configuration': readonly S6aApnConfiguration[]
  }
  'Subscribed-Periodic-RAU-TAU-Timer'?: number
  'Subscription-Data-Flags'?: number
}

/** What of a subscription the compiler needs. `class` decides pre-emption; absent: standard. */
export type CompiledSubscription = Pick<Subscription, 'msisdn' | 'intended' | 'imposed'> & { class?: SubscriptionClass }

/** PDN-Type (TS 29.272 §7.3.62); ignored where the context is Non-IP (§7.3.204). */
const pdnType = { IPv4: 0, IPv6: 1, IPv4v6: 2, 'Non-IP': 0 } as const
/** TS 29.272 §7.3.29. */
const subscriberStatus = { granted: 0, barred: 1 } as const
/** TS 29.272 §7.3.30. Barring what the profile does not buy is done by leaving it out; this bars everything. */
const barAllPacketServices = 1 << 0
/** TS 29.272 §7.3.21. */
const accessMode = { packetAndCircuit: 0, onlyPacket: 2 } as const
/** TS 29.272 §7.3.31: UTRAN, GERAN, GAN, I-HSPA evolution. */
const noUtranNoGeran = 0b1111
/** TS 29.272 §7.3.31: hand-over to access that is not 3GPP's. */
const noUntrustedAccess = 1 << 5
/** TS 29.272 §7.3.31. An MME that does not know bits 11 and 12 serves more than was meant, never less. */
const noWideband = 1 << 4
const noNbIot = 1 << 6
const noLteM = 1 << 11
const noWidebandButLteM = 1 << 12
const withoutRadio: Readonly<Record<Radio, number>> = {
  any: 0,
  lte: noNbIot | noLteM,
  'lte-m': noNbIot | noWidebandButLteM,
  'nb-iot': noWideband | noLteM | noWidebandButLteM,
  lpwa: noWidebandButLteM,
}
/** TS 29.272 §7.3.165: PS-And-SMS-Only-Service-Provision-Indication. */
const packetAndSmsOnly = 1 << 0
/** TS 29.002 §17.7.9 codes as TS 29.272 §7.3.100 carries them: short message MT/PP, MO/PP. */
const teleservice = { mtSms: 0x21, moSms: 0x22 } as const
/** TS 29.212 §5.3.46, §5.3.47: for both, 0 is enabled and 1 is disabled. */
const preemption = { enabled: 0, disabled: 1 } as const
/** Unsigned32 bits per second. */
const mostBitsPerSecond = 0xffff_ffff

/**
 * The profile in the language of S6a: the least that the service needs. Every APN keeps its address at home unless the
 * profile says local breakout. Without `sms` only short messages from our own OTA centre may arrive (`otaSms`);
 * without both none. A subscription that may not connect is barred. `now`: wall time, ms.
 */
export function compileSubscriptionData(profile: ServiceProfile, subscription: CompiledSubscription, now: number): S6aSubscriptionData {
  const isBarred = !effectiveState(subscription, now).canConnect
  const services = teleservices(profile)
  // USSD without IMS runs over the circuit domain, as voice does; that it carries no calls is for the VLR's own data to say.
  const needsCircuit = profile.voice || profile.ussd
  return {
    'Subscriber-Status': isBarred ? subscriberStatus.barred : subscriberStatus.granted,
    ...(subscription.msisdn === null ? {} : { MSISDN: toTbcd(subscription.msisdn.replace(/^\+/, '')) }),
    'Network-Access-Mode': needsCircuit ? accessMode.packetAndCircuit : accessMode.onlyPacket,
    ...(isBarred ? { 'Operator-Determined-Barring': barAllPacketServices } : {}),
    'Access-Restriction-Data': (needsCircuit ? 0 : noUtranNoGeran) | noUntrustedAccess | withoutRadio[profile.radio],
    ...(services.length === 0 ? {} : { 'Teleservice-List': { 'TS-Code': services.map((code) => Buffer.of(code)) } }),
    AMBR: ambr(profile),
    'APN-Configuration-Profile': {
      'Context-Identifier': 1,
      'All-APN-Configurations-Included-Indicator': 0,
      'APN-Configuration': profile.apns.map((apn, i) => compileApn(apn, i + 1, subscription.class ?? 'standard')),
    },
    ...(profile.periodicTauSeconds === 0 ? {} : { 'Subscribed-Periodic-RAU-TAU-Timer': profile.periodicTauSeconds }),
    ...(!needsCircuit && services.length > 0 ? { 'Subscription-Data-Flags': packetAndSmsOnly } : {}),
  }
}

function teleservices({ sms, otaSms }: ServiceProfile): readonly number[] {
  if (sms) return [teleservice.mtSms, teleservice.moSms]
  return otaSms ? [teleservice.mtSms] : []
}

/** Context-Identifier is 1 and up in the order of the profile (TS 29.272 §7.3.27); the first APN is the default. */
function compileApn(apn: ApnEntry, context: number, ofClass: SubscriptionClass): S6aApnConfiguration {
  const isCritical = ofClass === 'critical'
  return {
    'Context-Identifier': context,
    'PDN-Type': pdnType[apn.pdn],
    'Service-Selection': apn.name,
    'EPS-Subscribed-QoS-Profile': {
      'QoS-Class-Identifier': apn.qci,
      'Allocation-Retention-Priority': {
        'Priority-Level': apn.arpPriority,
        'Pre-emption-Capability': isCritical ? preemption.enabled : preemption.disabled,
        'Pre-emption-Vulnerability': isCritical ? preemption.disabled : preemption.enabled,
      },
    },
    // TS 29.272 §7.3.38: 0 NOTALLOWED keeps the gateway, and so every gateway control, at home.
    'VPLMN-Dynamic-Address-Allowed': apn.localBreakout ? 1 : 0,
    AMBR: ambr(apn),
    ...(apn.pdn === 'Non-IP' ? { 'Non-IP-PDN-Type-Indicator': 1, 'Non-IP-Data-Delivery-Mechanism': 0 } : {}),
  }
}

function ambr({ maxUplinkKbps, maxDownlinkKbps }: { maxUplinkKbps: number; maxDownlinkKbps: number }): Ambr {
  return {
    'Max-Requested-Bandwidth-UL': Math.min(maxUplinkKbps * 1_000, mostBitsPerSecond),
    'Max-Requested-Bandwidth-DL': Math.min(maxDownlinkKbps * 1_000, mostBitsPerSecond),
  }
}
