/**
 * A seccomp filter for the sandbox (seccomp(2), and the numbers of asm/unistd.h): the namespaces keep a program from the host's files and
 * network, and this keeps it from the parts of the kernel where most ways out of namespaces were found. A compile needs none of them.
 *
 * Refused: further user namespaces (`unshare`, `setns`, `clone` with CLONE_NEWUSER; `clone3`, whose flags a filter can't see, is told
 * not to exist, upon which C libraries take `clone`), the mount calls, ptrace and its kin, bpf, perf, io_uring, userfaultfd, keyrings, and
 * sockets of other families than Unix, IPv4, IPv6 and netlink: vsock, for one, is not bound to a network namespace. Refused, too, is memory that no
 * process has to map (memfd, System V's shared memory and messages): where no control group counts it, nobody would see how much of it there is.
 */
const numbers: Record<string, { arch: number; clone: number; clone3: number; socket: number; refused: number[] }> = {
  x64: {
    arch: 0xc000003e,
    clone: 56,
    clone3: 435,
    socket: 41,
    // ptrace, pivot_root, chroot, mount, umount2, add_key, request_key, keyctl, unshare, perf_event_open, name_to_handle_at,
    // open_by_handle_at, setns, process_vm_readv, process_vm_writev, bpf, userfaultfd; shmget, msgget, memfd_create
    refused: [101, 155, 161, 165, 166, 248, 249, 250, 272, 298, 303, 304, 308, 310, 311, 321, 323, 29, 68, 319],
  },
  arm64: {
    arch: 0xc00000b7,
    clone: 220,
    clone3: 435,
    socket: 198,
    // The same, in the order umount2, mount, pivot_root, chroot, unshare, ptrace, …
    refused: [39, 40, 41, 51, 97, 117, 217, 218, 219, 241, 264, 265, 268, 270, 271, 280, 282, 194, 186, 279],
  },
};
/** io_uring_setup to io_uring_register, open_tree to fspick, pidfd_getfd, mount_setattr, memfd_secret: one number on every processor. */
const refusedEverywhere = [425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 442, 447];

const allow = 0x7fff0000;
const failWith = (errno: number): number => 0x00050000 | errno;
const refuse = failWith(1); // EPERM
const newUser = 0x10000000;
const families = [1, 2, 10, 16];

/** The filter as bubblewrap reads it; null on a processor whose numbers are not known here, which goes without. */
export function seccompFilter(processor: string = process.arch): Uint8Array | null {
  const known = numbers[processor];
  if (!known) return null;
  return assemble([
    load(4), // the processor that the call is made for: a 64-bit kernel takes 32-bit calls too, under other numbers
    ...unlessEqual(known.arch, [result(refuse)]),
    load(0), // the call's number
    ...whenAtLeast(0x40000000, [result(refuse)]), // x32: yet other numbers
    ...whenEqual(known.clone3, [result(failWith(38))]), // ENOSYS
    ...[...known.refused, ...refusedEverywhere].flatMap((number) => whenEqual(number, [result(refuse)])),
    // Two are judged by the low half of their first argument.
    ...whenEqual(known.clone, [load(16), ...whenAnyBit(newUser, [result(refuse)]), result(allow)]),
    ...whenEqual(known.socket, [load(16), ...families.flatMap((family) => whenEqual(family, [result(allow)])), result(failWith(97))]), // EAFNOSUPPORT
    result(allow),
  ]);
}

/** One instruction of classic BPF; `yes` and `no` are how many instructions a jump skips. */
interface Instruction {
  code: number;
  k: number;
  yes: number;
  no: number;
}

const load = (offset: number): Instruction => ({ code: 0x20, k: offset, yes: 0, no: 0 });
const result = (value: number): Instruction => ({ code: 0x06, k: value, yes: 0, no: 0 });

/** Does something under a condition; what is done ends with a result where the filter is not to go on behind it. */
const whenEqual = (k: number, then: Instruction[]): Instruction[] => [{ code: 0x15, k, yes: 0, no: then.length }, ...then];
const unlessEqual = (k: number, then: Instruction[]): Instruction[] => [{ code: 0x15, k, yes: then.length, no: 0 }, ...then];
const whenAtLeast = (k: number, then: Instruction[]): Instruction[] => [{ code: 0x35, k, yes: 0, no: then.length }, ...then];
const whenAnyBit = (k: number, then: Instruction[]): Instruction[] => [{ code: 0x45, k, yes: 0, no: then.length }, ...then];

function assemble(instructions: readonly Instruction[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(instructions.length * 8));
  for (const [at, { code, k, yes, no }] of instructions.entries()) {
    view.setUint16(at * 8, code, true);
    view.setUint8(at * 8 + 2, yes);
    view.setUint8(at * 8 + 3, no);
    view.setUint32(at * 8 + 4, k, true);
  }
  return new Uint8Array(view.buffer);
}
