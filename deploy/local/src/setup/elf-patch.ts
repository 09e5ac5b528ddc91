// Lowers the glibc that a prebuilt shared object asks for, where that is only a matter of names.
//
// A binary built with glibc >= 2.38 headers calls __isoc23_strtol and friends instead of strtol, and so will not load on
// Debian 12 (2.36), Ubuntu 22.04 (2.35) … although it needs nothing new: the two differ only in that the C23 ones also
// read "0b101". The symbol's name in .dynstr is a suffix away from the old one ("__isoc23_" + "strtol"), so moving an
// offset and a version index is enough; no byte of code changes. Anything else that is new in 2.38 is refused.
//
// ELF structures: System V ABI, "Dynamic Linking"; symbol versions: the LSB core specification, chapter 10.7.

const newVersion = 'GLIBC_2.38';
/** Where strtol & co. live, in this order: x86-64 began with 2.2.5 (and has a 2.17 without them), arm64 with 2.17. */
const baseVersions = ['GLIBC_2.2.5', 'GLIBC_2.17'];
const newPrefix = '__isoc23_';

const sectionDynsym = 11;
const sectionVerneed = 0x6ffffffe;
const sectionVersym = 0x6fffffff;
const symbolSize = 24;
const hiddenBit = 0x8000;

interface Section {
  type: number;
  offset: number;
  size: number;
  link: number;
}

interface NeededVersion {
  /** Offset of this entry (Elf64_Vernaux) in the file. */
  at: number;
  library: string;
  name: string;
  index: number;
}

export class ElfPatchError extends Error {}

/** A patched copy, or undefined when the file does not ask for glibc 2.38. The given bytes stay as they are. */
export function withOlderGlibc(original: Uint8Array): { bytes: Buffer; renamed: string[] } | undefined {
  const file = Buffer.from(original);
  const sections = readSections(file);
  const symbols = find(sections, sectionDynsym);
  const versions = find(sections, sectionVersym);
  const strings = sections[symbols.link];
  if (strings === undefined) throw new ElfPatchError('the dynamic symbols have no string table');
  const name = (offset: number) => cString(file, strings.offset + offset);

  const needed = readNeededVersions(file, find(sections, sectionVerneed).offset, name);
  const tooNew = needed.filter((version) => version.name === newVersion);
  if (tooNew.length === 0) return undefined;
  const [unwanted, second] = tooNew;
  if (unwanted === undefined || second !== undefined || unwanted.library !== 'libc.so.6') {
    throw new ElfPatchError(`${newVersion} is asked of more than libc.so.6`);
  }
  const base = baseVersions
    .map((wanted) => needed.find((version) => version.library === 'libc.so.6' && version.name === wanted))
    .find((version) => version !== undefined);
  if (base === undefined) throw new ElfPatchError('no base version of libc.so.6 to fall back to');

  const renamed: string[] = [];
  for (let i = 0; i * symbolSize < symbols.size; i++) {
    const versionAt = versions.offset + i * 2;
    if ((file.readUInt16LE(versionAt) & ~hiddenBit) !== unwanted.index) continue;
    const symbolAt = symbols.offset + i * symbolSize;
    const nameOffset = file.readUInt32LE(symbolAt);
    const symbol = name(nameOffset);
    if (!symbol.startsWith(`${newPrefix}strto`)) throw new ElfPatchError(`${symbol} is new in ${newVersion}`);
    file.writeUInt32LE(nameOffset + newPrefix.length, symbolAt);
    file.writeUInt16LE(base.index, versionAt);
    renamed.push(symbol);
  }

  // Nothing refers to the 2.38 entry now, but the loader still checks it: make it say what the base entry says.
  const hashAndName: [number, number] = [0, 8];
  for (const field of hashAndName)
    file.writeUInt32LE(file.readUInt32LE(base.at + field), unwanted.at + field);
  return { bytes: file, renamed };
}

function readSections(file: Buffer): Section[] {
  const elf64LittleEndian = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  if (!file.subarray(0, 6).equals(elf64LittleEndian))
    throw new ElfPatchError('not a 64-bit little-endian ELF file');
  const start = Number(file.readBigUInt64LE(40));
  const entrySize = file.readUInt16LE(58);
  const count = file.readUInt16LE(60);
  return Array.from({ length: count }, (_, i) => {
    const at = start + i * entrySize;
    return {
      type: file.readUInt32LE(at + 4),
      offset: Number(file.readBigUInt64LE(at + 24)),
      size: Number(file.readBigUInt64LE(at + 32)),
      link: file.readUInt32LE(at + 40),
    };
  });
}

function find(sections: Section[], type: number): Section {
  const section = sections.find((candidate) => candidate.type === type);
  if (section === undefined) throw new ElfPatchError(`no section of type 0x${type.toString(16)}`);
  return section;
}

function readNeededVersions(file: Buffer, start: number, name: (offset: number) => string): NeededVersion[] {
  const found: NeededVersion[] = [];
  for (let library = start; ;) {
    const count = file.readUInt16LE(library + 2);
    let at = library + file.readUInt32LE(library + 8);
    for (let i = 0; i < count; i++) {
      found.push({
        at,
        library: name(file.readUInt32LE(library + 4)),
        name: name(file.readUInt32LE(at + 8)),
        index: file.readUInt16LE(at + 6),
      });
      at += file.readUInt32LE(at + 12);
    }
    const toNext = file.readUInt32LE(library + 12);
    if (toNext === 0) return found;
    library += toNext;
  }
}

function cString(file: Buffer, start: number): string {
  return file.toString('latin1', start, file.indexOf(0, start));
}
