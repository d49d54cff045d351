/** Checks of identities, as people and peers write them. Digits only; callers take out spaces. */

/** ITU-T E.118 and ISO/IEC 7812-1 Annex B: the last digit makes the sum a multiple of 10. */
export function isLuhn(digits: string): boolean {
  if (!/^\d+$/.test(digits)) return false
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48
    const doubled = i % 2 === 0 ? digit : digit * 2
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

/** The digit that makes `digits` followed by it a Luhn number. */
export function luhnDigit(digits: string): string {
  for (let digit = 0; digit < 10; digit++) if (isLuhn(`${digits}${digit}`)) return `${digit}`
  throw new RangeError('Luhn takes digits only')
}

/** MCC, MNC and MSIN: 6 to 15 digits (TS 23.003 §2.2). */
export function isImsi(text: string): boolean {
  return /^\d{6,15}$/.test(text)
}

/** 19 or 20 digits from 89 on, the last one a Luhn digit (ITU-T E.118). */
export function isIccid(text: string): boolean {
  return /^89\d{17,18}$/.test(text) && isLuhn(text)
}

/** E.164 digits, with or without the plus. */
export function isMsisdn(text: string): boolean {
  return /^\+?[1-9]\d{4,14}$/.test(text)
}

/** 32 digits of which the last two are a check modulo 97 (SGP.02 §2.2.2: ISO/IEC 7064). */
export function isEid(text: string): boolean {
  if (!/^89\d{30}$/.test(text)) return false
  let remainder = 0
  for (const digit of text) remainder = (remainder * 10 + Number(digit)) % 97
  return remainder === 1
}

/**
 * An IMEI as a person enters it: 14 digits, or 15 with the check digit, which is then verified. Returns the 14 that
 * identify (TAC and serial number), or undefined.
 */
export function enteredImei(text: string): string | undefined {
  if (/^\d{14}$/.test(text)) return text
  return /^\d{15}$/.test(text) && isLuhn(text) ? text.slice(0, 14) : undefined
}

/**
 * An IMEI or IMEISV as a device signals it: 14 to 16 digits. What stands after the 14th is spare or the software
 * version and never checked (TS 23.003 §6.2.1, §6.2.2).
 */
export function signalledImei(text: string): string | undefined {
  return /^\d{14,16}$/.test(text) ? text.slice(0, 14) : undefined
}

/** Two IMEIs or IMEISVs name the same equipment: a change of software version is no change of device. */
export function isSameEquipment(a: string, b: string): boolean {
  const first = signalledImei(a)
  return first !== undefined && first === signalledImei(b)
}
