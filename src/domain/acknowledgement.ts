/** Bearers that are weak by design: a profile carries one only after a person of its provider has signed that they know. */
export const weakBearers = ['sms', 'ussd'] as const
export type WeakBearer = (typeof weakBearers)[number]

interface AcknowledgementText {
  bearer: WeakBearer
  /** Rises when the text changes: who signed an older one has to sign again. */
  version: number
  /** Key of each sentence, by which the portal has it in the reader's language, and the sentence that is signed. */
  sentences: readonly { key: string; text: string }[]
}

export const acknowledgementTexts: readonly AcknowledgementText[] = [
  {
    bearer: 'sms',
    version: 1,
    sentences: [
      {
        key: 'ack.sms.open',
        text: 'Short messages are not encrypted end to end: every network on their way can read, change or withhold them.',
      },
      { key: 'ack.sms.sender', text: 'The sender of a short message proves nothing: it can be any number or name.' },
      { key: 'ack.sms.fraud', text: 'A stolen card or a device under somebody else’s control can send to premium numbers at your cost.' },
      {
        key: 'ack.sms.toolkit',
        text: 'Short messages reach the card itself: a weak applet or a guessed key on it opens the card to strangers.',
      },
      {
        key: 'ack.sms.code',
        text: 'A device should take no command and no one-time code from a short message without a proof of its own.',
      },
    ],
  },
  {
    bearer: 'ussd',
    version: 1,
    sentences: [
      {
        key: 'ack.ussd.open',
        text: 'USSD is in clear on the signalling network, over old radio too, and any network on its way can read and change it.',
      },
      { key: 'ack.ussd.old', text: 'It needs the circuit domain: the device may be drawn to 2G or 3G, whose protection is broken.' },
      {
        key: 'ack.ussd.codes',
        text: 'Some codes change call forwarding or the device itself: a device under somebody else’s control can send them.',
      },
    ],
  },
]

/** The text in force. */
export function acknowledgementText(bearer: WeakBearer): AcknowledgementText {
  const text = acknowledgementTexts.find((each) => each.bearer === bearer)
  if (text === undefined) throw new Error(`there is no text for ${bearer}`)
  return text
}

/** What of a profile is in need of an acknowledgement. */
export function weakBearersOf(body: Readonly<Record<WeakBearer, boolean>>): readonly WeakBearer[] {
  return weakBearers.filter((bearer) => body[bearer])
}
