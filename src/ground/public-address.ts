/** Which IP addresses belong to the public internet, and not to this computer, a network behind it, or a reserved range. */
import { isIP } from 'node:net';

/** An IPv4 block: its first address and how many bits of it count. */
type Block = readonly [from: string, bits: number];

/**
 * IPv4 that is not global: the registry of RFC 6890 (iana.org/assignments/iana-ipv4-special-registry, of 2025-10), multicast
 * (RFC 5771), and the one global address that clouds answer their own questions at (Azure's wire server).
 */
const closed4: readonly Block[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

/** IPv6 within `2000::/3`, all that is global, which is not (iana.org/assignments/iana-ipv6-special-registry). First pieces. */
const closed6: readonly (readonly [pieces: readonly number[], bits: number])[] = [
  // Teredo, ORCHID, benchmarking and the rest of the protocol assignments.
  [[0x2001, 0x0000], 23],
  [[0x2001, 0x0db8], 32],
  [[0x3fff, 0x0000], 20],
];

/** Whether an address is reachable for everybody. A name, or anything that is no IP address, is not. */
export function isPublicAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  switch (isIP(bare)) {
    case 4:
      return isPublic4(numberOf(bare));
    case 6:
      return isPublic6(piecesOf(bare));
    default:
      return false;
  }
}

function isPublic4(address: number): boolean {
  return !closed4.some(([from, bits]) => address >>> (32 - bits) === numberOf(from) >>> (32 - bits));
}

function isPublic6(pieces: readonly number[]): boolean {
  const [first = 0, second = 0] = pieces;
  const last = embedded(pieces, 6);
  // An IPv4 address in the clothes of IPv6 is what it holds: mapped (RFC 4291 §2.5.5.2), translated (RFC 6052), 6to4 (RFC 3056).
  if (isZero(pieces, 5) && pieces[5] === 0xffff) return isPublic4(last);
  if (first === 0x64 && second === 0xff9b && isZero(pieces.slice(2), 4)) return isPublic4(last);
  if (first === 0x2002) return isPublic4(embedded(pieces, 1));
  if (first >>> 13 !== 1) return false;
  return !closed6.some(([from, bits]) => samePrefix(pieces, from, bits));
}

function isZero(pieces: readonly number[], count: number): boolean {
  return pieces.slice(0, count).every((piece) => piece === 0);
}

function embedded(pieces: readonly number[], at: number): number {
  return (((pieces[at] ?? 0) << 16) | (pieces[at + 1] ?? 0)) >>> 0;
}

function samePrefix(pieces: readonly number[], from: readonly number[], bits: number): boolean {
  return embedded(pieces, 0) >>> (32 - bits) === embedded(from, 0) >>> (32 - bits);
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0);
}

/** The eight pieces of an IPv6 address, however it is written. */
function piecesOf(address: string): number[] {
  const plain = address.replace(/(\d+\.\d+\.\d+\.\d+)$/, (dotted) => {
    const number = numberOf(dotted);
    return `${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}`;
  });
  const [head = '', tail] = plain.split('::');
  const parsed = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((piece) => Number.parseInt(piece, 16));
  const front = parsed(head);
  if (tail === undefined) return front;
  const back = parsed(tail);
  return [...front, ...Array.from({ length: 8 - front.length - back.length }, () => 0), ...back];
}
