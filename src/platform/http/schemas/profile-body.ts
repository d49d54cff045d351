import { type Static, Type } from 'typebox'
import { limits } from '#core/limits.ts'
import { mobilities, rhythms, roamingNeeds, serviceKinds } from '#domain/needs/questions.ts'
import { allowedProtocols, cardUses, radios } from '#domain/profile.ts'
import { subscriptionClasses } from '#domain/subscription.ts'
import { Nullable, Plmn, Words } from './common.ts'

/** Wider than what the checks of the domain accept, which say in words what is wrong. */
const { profiles: bounds } = limits
const closed = { additionalProperties: false }

const Apn = Type.Object(
  {
    name: Type.String({ maxLength: 128 }),
    pdn: Words(['IPv4', 'IPv6', 'IPv4v6', 'Non-IP']),
    qci: Type.Integer(),
    arpPriority: Type.Integer(),
    localBreakout: Type.Boolean(),
    maxUplinkKbps: Type.Integer(),
    maxDownlinkKbps: Type.Integer(),
  },
  closed,
)

const AllowedAddress = Type.Object(
  {
    cidr: Type.String({ maxLength: 64, description: '192.0.2.0/24, 2001:db8::/48' }),
    protocol: Words(allowedProtocols),
    ports: Type.Array(Type.Object({ from: Type.Integer(), to: Type.Integer() }, closed), { maxItems: 64, description: 'Empty: all' }),
    apn: Nullable(Type.String({ maxLength: 128, description: 'null: over every APN' })),
  },
  closed,
)

const FixedNumber = Type.Object(
  {
    name: Type.String({ maxLength: bounds.nameChars }),
    number: Type.String({ minLength: 1, maxLength: 64 }),
    forVoice: Type.Boolean(),
    forSms: Type.Boolean(),
  },
  closed,
)

const RoamingArea = Type.Union([
  Type.Object({ kind: Type.Literal('anywhere') }, closed),
  Type.Object({ kind: Type.Literal('home-only') }, closed),
  Type.Object({ kind: Type.Literal('partners'), partnerIds: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 1_024 }) }, closed),
])

export const ProfileBody = Type.Object(
  {
    apns: Type.Array(Apn, { minItems: 1, maxItems: 64 }),
    voice: Type.Boolean(),
    sms: Type.Boolean({ description: 'SMS of the subscriber; needs a standing acknowledgement' }),
    otaSms: Type.Boolean({ description: 'SMS from our own OTA centre; off loses steering lists and repairs of the card' }),
    ussd: Type.Boolean({ description: 'Needs a standing acknowledgement' }),
    roamingArea: RoamingArea,
    radio: Words(radios),
    imeiLock: Type.Boolean(),
    cardUse: Words(cardUses),
    allowedAddresses: Type.Array(AllowedAddress, {
      maxItems: 1_024,
      description: 'Computed for the gateway, not enforced by this version',
    }),
    allowedDomains: Type.Array(
      Type.Object({ name: Type.String({ maxLength: 512 }), apn: Nullable(Type.String({ maxLength: 128 })) }, closed),
      {
        maxItems: 1_024,
        description: 'A name, or *. and a name; computed for the gateway, not enforced by this version',
      },
    ),
    fixedNumbers: Type.Array(FixedNumber, {
      maxItems: 1_024,
      description: 'Fixed dialling list; EF_FDN is computed from it, not delivered',
    }),
    periodicTauSeconds: Type.Integer({ description: '0: as the visited network says' }),
    maxUplinkKbps: Type.Integer(),
    maxDownlinkKbps: Type.Integer(),
    equivalentPlmns: Type.Array(Plmn, { maxItems: 64 }),
  },
  { title: 'ProfileBody', additionalProperties: false },
)
export type ProfileBody = Static<typeof ProfileBody>

export const NeedsAnswers = Type.Object(
  {
    service: Words(serviceKinds),
    purpose: Type.String({ maxLength: 500 }),
    apn: Type.String({ minLength: 1, maxLength: 128 }),
    addresses: Type.Array(AllowedAddress, { maxItems: bounds.addresses }),
    domains: Type.Array(Type.String({ maxLength: 512 }), { maxItems: bounds.domains }),
    voice: Type.Boolean(),
    sms: Type.Boolean(),
    ussd: Type.Boolean(),
    numbers: Type.Array(FixedNumber, { maxItems: bounds.fixedNumbers }),
    roaming: Words(roamingNeeds),
    partnerIds: Type.Array(Type.String({ maxLength: 64 }), { maxItems: bounds.partners }),
    mobility: Words(mobilities),
    radio: Words(radios),
    kbps: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
    rhythm: Words(rhythms),
    longLived: Type.Boolean({ description: 'More than ten years in the field' }),
    class: Words(subscriptionClasses),
    changesModule: Type.Boolean({ description: 'The card may be moved from one module to another' }),
    cardUse: Words(cardUses),
  },
  { title: 'NeedsAnswers', additionalProperties: false },
)
export type NeedsAnswers = Static<typeof NeedsAnswers>
