/** Runs tshark as an independent decoder of octets that we wrote. */
import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A reason to skip, or false where tshark is installed. */
export function withoutTshark(): string | false {
  try {
    execFileSync('tshark', ['--version'], { stdio: 'ignore' })
    return false
  } catch {
    return 'tshark is not installed (Debian package tshark)'
  }
}

/** One element of tshark's tree (PDML). `pos` and `size` are octets in the frame. */
export interface PdmlField {
  readonly name: string
  readonly show: string
  readonly showname: string
  readonly value: string
  readonly pos: number
  readonly size: number
  readonly fields: PdmlField[]
}

const run = promisify(execFile)
const port = 3868

/** A capture file of one TCP connection in which each of `payloads` is one segment to `port`. */
function tcpCapture(payloads: readonly Buffer[], to: number = port): Buffer {
  const global = Buffer.alloc(24)
  global.writeUInt32LE(0xa1b2c3d4, 0)
  global.writeUInt16LE(2, 4)
  global.writeUInt16LE(4, 6)
  global.writeUInt32LE(262_144, 16)
  // LINKTYPE_RAW: packets begin with their IP header.
  global.writeUInt32LE(101, 20)
  const chunks: Buffer[] = [global]
  let sequence = 1
  for (const [i, payload] of payloads.entries()) {
    const packet = tcpPacket(payload, sequence, to)
    const record = Buffer.alloc(16)
    record.writeUInt32LE(1_700_000_000 + i, 0)
    record.writeUInt32LE(packet.length, 8)
    record.writeUInt32LE(packet.length, 12)
    chunks.push(record, packet)
    sequence = (sequence + payload.length) >>> 0
  }
  return Buffer.concat(chunks)
}

function tcpPacket(payload: Buffer, sequence: number, to: number): Buffer {
  const header = Buffer.alloc(40)
  header[0] = 0x45
  header.writeUInt16BE(40 + payload.length, 2)
  header[8] = 64
  header[9] = 6
  header.set([192, 0, 2, 1, 192, 0, 2, 2], 12)
  header.writeUInt16BE(49_152, 20)
  header.writeUInt16BE(to, 22)
  header.writeUInt32BE(sequence, 24)
  header.writeUInt32BE(1, 28)
  header[32] = 0x50
  // PSH, ACK; checksums are left at zero, which tshark does not check by default.
  header[33] = 0x18
  header.writeUInt16BE(65_535, 34)
  return Buffer.concat([header, payload])
}

/** tshark's tree of protocol `protocol` for each payload, in order; undefined where a frame has none. */
export async function dissect(payloads: readonly Buffer[], protocol: string, to: number = port): Promise<(PdmlField | undefined)[]> {
  const folder = await mkdtemp(join(tmpdir(), 'simward-tshark-'))
  try {
    const file = join(folder, 'messages.pcap')
    await writeFile(file, tcpCapture(payloads, to))
    const { stdout } = await run('tshark', ['-r', file, '-T', 'pdml', '-d', `tcp.port==${to},${protocol}`], {
      maxBuffer: 256 * 1024 * 1024,
    })
    return readPdml(stdout).map((packet) => packet.fields.find((field) => field.name === protocol))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** All fields of a tree, parents before children. */
export function* walk(field: PdmlField): Generator<PdmlField> {
  yield field
  for (const child of field.fields) yield* walk(child)
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function readPdml(text: string): PdmlField[] {
  const packets: PdmlField[] = []
  const open: PdmlField[] = []
  for (const [, closing, tag, attributes = '', selfClosing] of text.matchAll(/<(\/?)(packet|proto|field)\b([^>]*?)(\/?)>/g)) {
    if (closing === '/') {
      open.pop()
      continue
    }
    const field = readField(tag ?? '', attributes)
    if (tag === 'packet') packets.push(field)
    else open.at(-1)?.fields.push(field)
    if (selfClosing !== '/') open.push(field)
  }
  return packets
}

function readField(tag: string, attributes: string): PdmlField {
  const found: Record<string, string> = {}
  for (const [, key = '', value = ''] of attributes.matchAll(/([a-z]+)="([^"]*)"/g)) {
    found[key] = value.replaceAll(/&(#x?[0-9a-f]+|\w+);/gi, (_, entity: string) => decodeEntity(entity))
  }
  const { name = tag, show = '', showname = '', value = '', pos = '0', size = '0' } = found
  return { name, show, showname, value, pos: Number(pos), size: Number(size), fields: [] }
}

function decodeEntity(entity: string): string {
  if (entity.startsWith('#x')) return String.fromCodePoint(Number.parseInt(entity.slice(2), 16))
  if (entity.startsWith('#')) return String.fromCodePoint(Number(entity.slice(1)))
  return entities[entity] ?? `&${entity};`
}
