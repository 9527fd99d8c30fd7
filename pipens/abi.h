// SPDX-License-Identifier: MIT
// The contract between the kernel and every process: call numbers, errors, rights, flows, the message page, and the
// requests that the kernel's own pipes answer. Both sides include this one header; nothing else is shared.
//
// Sizes are in bytes, times in nanoseconds of the kernel's clock (0 at boot), addresses in the process named.
#ifndef PIPENS_ABI_H
#define PIPENS_ABI_H

#include <stdint.h>

#define SYSTEM_VERSION "1.0" // of this contract, and so of the system

// ---- System calls and errors ---------------------------------------------------------------------------------------

// A system call is the SYSCALL instruction with the number in RAX and the arguments in RDI, RSI, RDX, R10, R8. The
// result comes in RAX: 0 or more, or the negated number of an error. RCX, R9, R11 and the argument registers are
// clobbered.
enum system_call {
#define SYSTEM_CALL(name, arguments, ...) SYSTEM_CALL_##name,
#include "syscalls.def"
#undef SYSTEM_CALL
    SYSTEM_CALLS
};

enum pipe_error {
#define ERROR(name, number, sentence) PIPE_##name = (number),
#include "errors.def"
#undef ERROR
};

#define DEADLINE_NONE UINT64_MAX // wait for ever
#define DEADLINE_NOW 0           // do not wait: EAGAIN where waiting would be needed

// ---- Names, flows, kinds, rules ------------------------------------------------------------------------------------

// A path is absolute, "/" or components parted by single slashes. A component has 1 to 63 bytes of printable ASCII
// without space and slash, and is neither "." nor "..".
#define COMPONENT_MAX 63
#define PATH_LENGTH_MAX 255

enum flow { FLOW_DIRECTORY, FLOW_QUEUE, FLOW_TOPIC, FLOW_CALL, FLOW_EVENT, FLOWS };

enum kind { KIND_APP, KIND_DRIVER, KIND_SERVER, KINDS };

// The classes of a rule. A process is of the class `owner` for its own pipes, else of the class of its kind.
enum rule_class { CLASS_OWNER, CLASS_APP, CLASS_DRIVER, CLASS_SERVER, CLASSES };

// Rights, in a rule and in a handle. On a directory, READ is to list and hook, WRITE to create.
#define RIGHT_READ 1u   // hook, and take data out
#define RIGHT_WRITE 2u  // put data in: send, call, signal, acknowledge
#define RIGHT_TAP 4u    // see what passes
#define RIGHT_MANAGE 8u // set rules, remove
#define RIGHTS_ALL 15u

// Rules are four rights for each of the four classes.
#define RULE_BITS 4u
#define RULE(owner, app, driver, server)                                                                               \
    ((uint32_t)((owner) | (app) << RULE_BITS | (driver) << (2 * RULE_BITS) | (server) << (3 * RULE_BITS)))
#define RULES_DEFAULT RULE(RIGHTS_ALL, 0u, 0u, 0u)
#define RULES_READABLE RULE(RIGHTS_ALL, RIGHT_READ, RIGHT_READ, RIGHT_READ)

// ---- The life of a pipe --------------------------------------------------------------------------------------------

// A pipe counts its handles: all of them, those with RIGHT_READ (readers), those with RIGHT_WRITE (writers), and those
// that another process than the owner holds (outside). A handle in a message on its way (in a queue, or of a blocked
// sender or caller) counts by its rights, and as outside. Whether a handle is outside is decided when it is installed.
//
// A pipe is vacant while its supervised owner is dead and no successor has taken it over: then nobody is told anything
// of what follows.
//
// A queue's stream. It has ended while no message is left and there are no writers; a new writer begins the next one.
// A hook with HOOK_END gets MESSAGE_END at each wait while the stream has ended, as read() gives 0 at a FIFO's end.
// A hook with HOOK_BEGIN takes nothing: it gets MESSAGE_BEGIN at each wait while the queue has a writer, a message, or
// an end that no hook was told: so a program waits for a FIFO's other side. The handle that create returns is a writer
// while it is open, but its close leaves no end to tell.
//
// A transient pipe (CREATE_TRANSIENT; any flow but a directory) lives as long as somebody holds it:
// - When the last outside handle is gone, each hook of the owner is ready with MESSAGE_CLOSED, after all messages,
//   signals and calls that are still in the pipe or unanswered. The owner may still give a new handle to somebody:
//   then the pipe is not closed any more. Taking MESSAGE_CLOSED ends the hook and closes the handle that it was made
//   through. A pipe that never had an outside handle is not closed, but one that a successor takes over without any is.
// - Without readers, send and call fail with EPIPE, and blocked senders and queued callers wake with EPIPE.
// - Without handles it is removed, with its messages.
// A pipe that is not transient keeps its messages without readers, and lives until it is removed or its owner ends.
// Queues that hold each other's handles in a circle, and that nobody else holds, live until then too.

// Flags in create's flow.
#define CREATE_FLOW_MASK 0xffu
#define CREATE_TRANSIENT 0x100u
// With CREATE_TRANSIENT: the pipe, its messages, and the owner's hooks on it are charged to the caller whose call the
// token `sent.payer` names. That caller must have allowed it by CALL_PAYS.
#define CREATE_CALLER_PAYS 0x200u

// ---- The message page ----------------------------------------------------------------------------------------------

#define MESSAGE_PAGE_SIZE 4096u
#define PAYLOAD_MAX 4032u
#define MESSAGE_HANDLES_MAX 4u
#define MESSAGE_LEASES_MAX 2u
#define LEASE_LENGTH_MAX (1u << 20) // one range that is leased until the reply

enum message_type {
    MESSAGE_DATA,   // from a queue or topic
    MESSAGE_CALL,   // a request: `token` must be replied to
    MESSAGE_EVENT,  // payload: struct event_message
    MESSAGE_CHANGE, // a hooked directory: payload: struct change_message
    MESSAGE_TAP,    // a tapped pipe: payload: struct tap_message, then the bytes that passed
    MESSAGE_GONE,   // the hooked pipe was removed and the hook is no more; an event pipe's last count is in the payload
    MESSAGE_END,    // HOOK_END: the queue's stream has ended
    MESSAGE_BEGIN,  // HOOK_BEGIN: the queue's stream has begun
    MESSAGE_CLOSED  // nobody but the owner holds the transient pipe; hook and handle are no more
};

// What the kernel stamps when a message is taken out. Nothing in it is the sender's word.
struct message_received {
    uint64_t token;           // reply token of a call, else 0
    uint64_t key;             // the hook's key
    uint32_t pid, generation; // the sender; pid 0 is the kernel
    uint32_t length;          // of the payload
    uint8_t kind, type;       // enum kind of the sender, enum message_type
    uint8_t handle_count, lease_count;
    uint32_t lost;                             // messages that this hook lost before this one
    uint32_t pipe;                             // number of the pipe
    uint32_t lease_length[MESSAGE_LEASES_MAX]; // what the caller has leased; top bit LEASE_WRITABLE
    uint32_t handle[MESSAGE_HANDLES_MAX];      // the receiver's new handles
};

#define LEASE_WRITABLE 0x80000000u

struct lease {
    uint64_t address, length;
};

// What a thread fills in when the flags of its call say so.
struct message_sent {
    struct lease lease[MESSAGE_LEASES_MAX];
    uint64_t payer;                      // CREATE_CALLER_PAYS: the token of the call whose caller pays
    uint32_t limit;                      // RECEIVE_LIMIT: bytes, at least 1
    uint8_t rights[MESSAGE_HANDLES_MAX]; // ATTACH_LIMITED: at most these rights; 0: all that the handle has
    uint32_t handle[MESSAGE_HANDLES_MAX];
};

// A thread's message page. Paths, payloads and listings pass through it; the kernel reaches it without faulting.
struct message {
    union {
        struct message_received received;
        struct message_sent sent;
    };
    uint8_t payload[PAYLOAD_MAX];
};

_Static_assert(sizeof(struct message_received) == 64, "the header is 64 bytes");
_Static_assert(sizeof(struct message_sent) == 64, "both headers have one size");
_Static_assert(sizeof(struct message) == MESSAGE_PAGE_SIZE, "a message is a page");

// Flags of send, call and reply_wait: how many handles and leases the header holds, which of the handles are moved
// regions, and which of the leases the server may write.
#define ATTACH_HANDLES(count) ((uint32_t)(count))
#define ATTACH_HANDLES_MASK 7u
#define ATTACH_MOVE(index) (8u << (index)) // handle `index` is a region whose ownership goes along
#define ATTACH_LEASES(count) ((uint32_t)(count) << 7)
#define ATTACH_LEASES_MASK (3u << 7)
#define ATTACH_WRITABLE(index) (0x200u << (index)) // lease `index` may be written by the server
// The receiver gets the pipes' handles with the rights in `sent.rights` only. Rights that a handle lacks are ignored,
// but one of them it must have: EACCES.
#define ATTACH_LIMITED 0x800u
#define ATTACH_ALL 0xfffu
#define CALL_PAYS 0x1000u  // call: the server may create pipes at the caller's cost, until its reply
#define REPLY_ONLY 0x2000u // reply_wait: reply, do not wait
// reply_wait: of a queue's message that is longer than `sent.limit` the first `limit` bytes are taken, with all
// handles, and the unread remainder stays first in the queue for its next receiver.
#define RECEIVE_LIMIT 0x4000u

// Flags of hook: at most one.
#define HOOK_TAP 1u   // see what passes, with RIGHT_TAP, instead of taking it out
#define HOOK_END 2u   // of a queue: take messages, and be told of the stream's end
#define HOOK_BEGIN 4u // of a queue: take nothing, be told of the stream's beginning

// Parts of the arguments of create: capacity in messages (0: the flow's default) and the longest payload (0: default).
// All of a pipe's messages lie in 2 MiB, each with its handles in a power of two of bytes: CAPACITY_MAX messages of up
// to 32 bytes, 512 of up to PAYLOAD_MAX.
#define CAPACITY_MAX 16384u
#define CAPACITY_DEFAULT 16u
#define PAYLOAD_DEFAULT 160u

// Argument `index` of copy_lease, with the direction.
#define LEASE_INDEX_MASK 1u
#define LEASE_WRITE 2u // from the server's memory into the caller's; without it, out of the caller's
#define LEASE_COPY_MAX (64u << 10)

struct event_message {
    uint64_t count; // signals since this hook last took them
    uint64_t total; // signals since the pipe was made
    uint64_t time;  // of the last signal
    uint64_t value; // given with the last signal
};

struct change_message {
    uint32_t added; // 1: the name came, 0: it went
    uint32_t flow;
    char name[COMPONENT_MAX + 1];
};

enum tap_operation { TAP_SENT, TAP_CALLED, TAP_REPLIED, TAP_SIGNALLED };

struct tap_message {
    uint64_t time;
    uint32_t operation; // enum tap_operation
    uint32_t length;    // of the whole payload; what follows this header may be cut
};

// A record of /bus/trace, one message each.
enum trace_operation { TRACE_SEND, TRACE_CALL, TRACE_REPLY, TRACE_SIGNAL, TRACE_INTERRUPT, TRACE_DENIED, TRACE_DEATH };
struct trace_record {
    uint64_t time;
    uint32_t operation; // enum trace_operation
    uint32_t pid, pipe, length;
    uint64_t value; // an error, a reply's token, a status
};

// Answers written to /irq/<n> with send: they replace the length.
#define INTERRUPT_HANDLED 1u
#define INTERRUPT_NOT_MINE 2u

// One entry of a listing: this header, then the name without a terminator; the next entry follows at once.
struct list_entry {
    uint8_t flow, name_length;
};

// Flags in struct pipe_stat.
#define STAT_KERNEL 1u // the kernel answers it
#define STAT_VACANT 2u // its process died; a successor may take it over
#define STAT_TAPPED 4u
#define STAT_TRANSIENT 8u

struct pipe_stat {
    uint32_t number, flow, rules, flags;
    uint32_t owner, owner_generation; // pid, 0 the kernel
    uint64_t depth, capacity;         // messages held, callers waiting, events not taken, names in a directory
    uint64_t payload_max;
    uint64_t hooks, taps, waiting; // threads that hook it, taps, threads blocked sending or calling
    uint64_t in, out, dropped, denied;
    uint64_t oldest;                             // time when what has waited longest came, 0 if nothing waits
    uint32_t holder_count, holder;               // callers in flight; pid of a process that holds one of them
    uint32_t readers, writers, outside, handles; // see "The life of a pipe"
};

// ---- A process's start ---------------------------------------------------------------------------------------------

// The first thread starts with the address of its message page in RDI and the argument of `start` in RSI, with handle 1
// open for writing on /proc/<pid>/control and handles 2 and up as its creator gave them, in order.
#define HANDLE_CONTROL 1u

#define USER_BASE 0x10000ull                 // nothing is mapped below
#define USER_LIMIT 0x7fffffff0000ull         // nor above
#define MESSAGE_PAGES_BASE 0x7ff000000000ull // the threads' message pages: thread n at base + n * stride
#define MESSAGE_PAGE_STRIDE 0x2000ull        // with a page that is never mapped between two
#define THREADS_PER_PROCESS_MAX 1024u
#define PIDS_MAX 16384u // every pid is below

// ---- What the kernel's pipes answer --------------------------------------------------------------------------------
// Every request begins with its operation (a uint32_t) and every reply has the length of the struct named, or is an
// error.

#define PROGRAM_NAME_MAX 31
#define PROCESSOR_NAME_MAX 47

// -- /kernel/process --
enum process_operation {
    PROCESS_CREATE, // struct process_create, then claims -> struct process_created, handle: control of the new process
    PROCESS_REAP,   // struct process_name: forget a dead process; its /proc/<pid> goes, and so do pipes that wait for a
                    // successor, if there is no other process that one could succeed
    PROCESS_FAULT,  // struct process_name -> struct process_fault: the exception that ended a process that is not
                    // reaped. ESRCH, EINVAL (no exception ended it)
    PROCESS_DENIED  // struct process_name, then a line of the manifest, up to REPORT_MAX bytes: the process lacks it,
                    // so the caller has refused what it asked for. The kernel counts, traces and logs that like what
                    // claims refuse. ESRCH, EMSGSIZE
};

#define BUDGET_SHARE_MAX 100u
struct process_create {
    uint32_t operation, kind;
    uint32_t priority;      // the highest that its threads may have, 0 to 31
    uint16_t supervised;    // 1: its pipes outlive it
    uint16_t foreign;       // 1: a foreign process, whose system calls a server answers (struct system_message)
    uint32_t predecessor;   // pid of the dead process that it succeeds, or 0
    uint32_t claims_length; // bytes of claims after this struct
    uint32_t parent;        // pid of the process that asked for it, which the log names, or 0
    uint16_t budget;        // percent of the processor that it may use at its own priority in a period; 0: no limit
    uint16_t floor;         // its priority for the rest of a period in which it has used more
    uint64_t quota;         // bytes of kernel objects
    char name[PROGRAM_NAME_MAX + 1];
};

struct process_created {
    uint32_t pid, generation;
};

struct process_name {
    uint32_t operation, pid;
};

// The exception that ended a process. Its callers are return addresses that the frame pointers lead to, the innermost
// first; `top` is the word on top of the stack, the return address in a function without a frame, or 0.
#define FAULT_CALLERS_MAX 8u
struct process_fault {
    char program[PROGRAM_NAME_MAX + 1];
    uint32_t vector, access; // as in struct fault_message
    uint64_t address, instruction, top;
    uint64_t caller_count, callers[FAULT_CALLERS_MAX];
};

// A claim: this header and, for names, `length` bytes of pattern: a path in which the component "*" stands for any one
// component and a last component "**" for everything below. For ports and physical memory: struct claim_range. For DMA
// the same, from 0 to the number of the last byte: how much memory the process may let its devices reach.
enum claim_type { CLAIM_OPEN, CLAIM_CREATE, CLAIM_PORTS, CLAIM_PHYSICAL, CLAIM_DMA };
struct claim {
    uint8_t type;   // enum claim_type
    uint8_t rights; // CLAIM_OPEN: at most these; else 0
    uint16_t length;
};
struct claim_range {
    uint64_t first, last; // both included
};

// -- /proc/<pid>/control --
enum control_operation {
    CONTROL_MAP,     // struct control_map, handle: region
    CONTROL_UNMAP,   // struct control_range
    CONTROL_PROTECT, // struct control_range
    CONTROL_START,   // struct control_start -> struct control_thread
    CONTROL_GIVE, // struct control_empty, handles: become handles 2 and up of the new process; while it has no thread
    CONTROL_SUSPEND,      // struct control_empty: all its threads stop
    CONTROL_RESUME,       // struct control_empty
    CONTROL_KILL,         // struct control_exit: ends the process
    CONTROL_EXIT_THREAD,  // struct control_empty: of the calling thread; the last one ends the process with status 0
    CONTROL_THREAD_LOCAL, // struct control_local: sets the base of the caller's thread-local data
    CONTROL_IDENTITY,     // struct control_empty -> struct process_created: whose control it is
    CONTROL_MEMORY, // struct control_memory -> struct control_pages. For its pager alone. EDQUOT: its regions have
                    // more pages
    // Of a foreign process, for its pager alone (EPERM), and of a thread that waits for the reply to a system call or a
    // fault (EBUSY; ESRCH: there is no such thread):
    CONTROL_GET_REGISTERS, // struct control_thread_name -> struct register_set
    CONTROL_SET_REGISTERS  // struct control_thread_name, then struct register_set. EINVAL: an address outside the
                           // user's half, or reserved bits; the flags are limited to those that a program may change
};

#define PROTECT_READ 1u
#define PROTECT_WRITE 2u
#define PROTECT_EXECUTE 4u // never together with WRITE
#define MAP_ZERO 8u        // fill the pages with zeroes first; the region must be memory
#define MAP_PAGES_MAX 512u // in one request

struct control_map {
    uint32_t operation, flags; // PROTECT_*, MAP_ZERO
    uint64_t offset;           // into the region, in bytes, whole pages
    uint64_t address, pages;
};

struct control_range {
    uint32_t operation, flags; // CONTROL_PROTECT: the new PROTECT_*
    uint64_t address, pages;
};

// A foreign process's pager may start threads too, and may let a struct register_set follow this struct: the thread
// starts with these registers, instead of with `entry`, `stack` and `thread_local`.
struct control_start {
    uint32_t operation, priority;
    uint64_t entry, stack, argument, thread_local;
};

struct control_thread_name {
    uint32_t operation, thread;
};

// A thread's registers. The general ones stand in the order of the processor's numbers: RAX, RCX, RDX, RBX, RSP, RBP,
// RSI, RDI, R8 to R15.
#define GENERAL_REGISTERS 16u
#define FLOAT_REGISTERS_SIZE 512u // as FXSAVE writes them (Intel SDM volume 1, 10.5.1)
struct register_set {
    uint64_t general[GENERAL_REGISTERS];
    uint64_t instruction, flags, thread_local;
    uint8_t float_registers[FLOAT_REGISTERS_SIZE];
};

struct control_thread {
    uint32_t thread, unused;
    uint64_t message_page; // its address in the process
};

struct control_empty {
    uint32_t operation;
};

// How a process ended: the value of its event on /proc/<pid>/exit.
#define EXIT_KILLED 0x100u // killed; the low byte is the status given
#define EXIT_FAULT 0x200u  // ended by an exception that nobody handled; the low byte is its vector
struct control_exit {
    uint32_t operation, status; // 0 to 255
};

struct control_memory {
    uint32_t operation, unused;
    uint64_t pages; // that the regions that it owns may have, together with those in its queues
};

struct control_pages {
    uint64_t pages; // that they have
};

struct control_local {
    uint32_t operation, unused;
    uint64_t base;
};

// -- /proc/<pid>/fault: the call that the kernel makes for a thread that faults --
#define FAULT_PAGE 14u
#define FAULT_ACCESS_PRESENT 1u // the page is present, and its protection forbids the access
#define FAULT_ACCESS_WRITE 2u   // the access was a write
#define FAULT_ACCESS_EXECUTE 4u // the access fetched an instruction
struct fault_message {
    uint32_t thread, vector; // the processor's exception vector
    uint64_t address;        // page fault: the address
    uint64_t error;          // the processor's error code, for the log only
    uint64_t instruction, stack;
    uint32_t access, unused; // page fault: FAULT_ACCESS_*
};
// The pager replies with this. RESUME runs the instruction again.
enum fault_verdict { FAULT_RESUME, FAULT_KILL };
struct fault_reply {
    uint32_t verdict;
};

// -- /proc/<pid>/system: the call that the kernel makes for each SYSCALL instruction of a foreign process --
// Such a process can make no system call of its own, has no message pages, and cannot use its handles. A server hooks
// this pipe and the fault pipe before the first thread starts. The reply says how the thread goes on:
//   8 bytes  with these in RAX
//   0 bytes  with its registers as they stand: CONTROL_SET_REGISTERS has set them
// Anything else ends the process: another length, an error, the server's death, or that no thread hooks the pipe.
#define SYSTEM_ARGUMENTS 6u
struct system_message {
    uint64_t number;                      // RAX
    uint64_t arguments[SYSTEM_ARGUMENTS]; // RDI, RSI, RDX, R10, R8, R9
    uint64_t instruction, stack;          // where the thread goes on
    uint32_t thread, unused;
};

// -- /kernel/memory --
enum memory_operation {
    MEMORY_SPLIT,    // struct memory_range, handle: region -> handle: a region of its own; the range leaves the parent
    MEMORY_SHARE,    // struct memory_range, handle: region: from now on it may be owned by many, and never moved
    MEMORY_PHYSICAL, // struct memory_range (offset is a physical address): needs a claim -> handle: a device's region
    MEMORY_INFO,     // struct memory_range, handle: region -> struct memory_info
    MEMORY_RETURNED, // struct memory_range, handle: region -> struct memory_range: the next range that came back to it,
                     // or pages 0: when a split region's last handle closes, its range returns to the parent
    MEMORY_DMA, // struct memory_range, handle: region -> struct memory_info: the caller's devices reach the region from
                // now on, until it or the caller ends; it is not moved, split or shared any more. EPERM (it is not the
                // caller's, or more than the caller's CLAIM_DMA), EINVAL (a device's, or parts of it are split off)
    MEMORY_DEVICE // struct memory_device: the process may make the device a bus master. Only for the driver that
                  // configures devices: EPERM without claims on its ports. EPERM (the process has no CLAIM_DMA),
                  // ESRCH, EBUSY (the device is another process's), EINVAL
};

struct memory_range {
    uint32_t operation, flags;
    uint64_t offset, pages;
};

// `device` is bus << 8 | device << 3 | function on PCI. When the process ends, the device loses the mastership.
struct memory_device {
    uint32_t operation, device, pid, generation;
};

#define REGION_SHARED 1u
#define REGION_DEVICE 2u
#define REGION_DMA 4u
struct memory_info {
    uint32_t flags, owner;
    uint64_t pages;
    uint64_t
        physical; // its first byte's address, if a CLAIM_PHYSICAL covers it, or for the owner of a REGION_DMA; else 0
};

// -- /kernel/io: struct io_request, then `count` of struct io_access -> the same array with the values that were read
// --
#define IO_ACCESSES_MAX 128u
struct io_access {
    uint16_t port;
    uint8_t width; // 1, 2 or 4 bytes
    uint8_t write; // 1: value goes to the port
    uint32_t value;
};
struct io_request {
    uint32_t operation; // 0
    uint32_t count;
};

// -- /kernel/clock --
enum clock_operation {
    CLOCK_NOW,   // struct clock_request -> struct clock_time
    CLOCK_ARM,   // struct clock_request, handle: an event pipe with WRITE: signalled at `time`; replaces an earlier one
    CLOCK_DISARM // struct clock_request, handle: the event pipe
};
struct clock_request {
    uint32_t operation, unused;
    uint64_t time; // in the past: at once
};
struct clock_time {
    uint64_t time;   // now
    uint64_t cycles; // the processor's time-stamp counter at `time`
    uint64_t cycles_per_second;
};

// -- /kernel/info --
enum info_operation {
    INFO_SYSTEM,      // struct info_request -> struct info_system
    INFO_PROCESS,     // struct info_request -> struct info_process of `number`, or of the next higher pid that lives
    INFO_THREAD,      // struct info_request -> struct info_thread: thread `index` of process `number`, or the next
    INFO_LINE,        // struct info_request -> struct info_line of interrupt line `number`
    INFO_FRAMEBUFFER, // struct info_request -> struct info_framebuffer. ENODEV: the boot loader has told of none
    INFO_HANDLES      // struct info_request -> struct info_handles: handles of process `number`, from cursor `index` on
};
struct info_request {
    uint32_t operation, number, index;
};
#define MESSAGE_LINES 16u
struct info_system {
    uint64_t time, memory, reserve, reserve_used; // memory: all RAM; reserve: the kernel's own part
    uint64_t processes, threads, pipes, switches;
    uint64_t interrupts; // 0 unless the caller's claims let it read /irq
    uint64_t faults;
    uint64_t idle;              // time without a thread to run
    uint32_t processors, lines; // the last MESSAGE_LINES lines are /irq/msi0 and so on, the others /irq/<n>
    char processor[PROCESSOR_NAME_MAX + 1];
    uint32_t locked;           // 1: apps may not tap
    uint32_t century_register; // of the MC146818's memory, as ACPI says; 0: it does not
    uint32_t guarded;          // 1: an IOMMU lets a device reach only its driver's REGION_DMA
};
struct info_process {
    uint32_t pid, generation, kind, priority;
    uint32_t threads, state; // enum process_state
    uint64_t processor_time, pages, quota, quota_used, handles, denied;
    char name[PROGRAM_NAME_MAX + 1];
};
enum process_state { PROCESS_NEW, PROCESS_ALIVE, PROCESS_SUSPENDED, PROCESS_DYING, PROCESS_DEAD };
// What a thread waits for: nothing (it runs or is ready), its hooks, a call's turn, a call's reply, room in a queue,
// its hooks with RECEIVE_LIMIT.
enum wait_state { WAIT_NONE, WAIT_RECEIVING, WAIT_QUEUED, WAIT_IN_FLIGHT, WAIT_SENDING, WAIT_LIMITED };
struct info_thread {
    uint32_t thread, state; // enum wait_state
    uint32_t priority, effective;
    uint32_t pipe, holder; // the pipe it waits for, and the pid that holds its call
    uint64_t processor_time;
};
// What changes with each interrupt is 0, and LINE_MASKED is not set, unless the caller's claims let it read the line's
// pipe: who sees a keyboard's count change knows when each key was pressed.
struct info_line {
    uint32_t line, flags; // LINE_*
    uint64_t count, spurious, late;
    uint32_t hooks, owing; // hooks, and those that have not answered
    uint32_t late_pid;     // who was late last
    uint32_t message_data; // /irq/msi<n>: what a device writes to raise it, and where; 0 for a wire
    uint64_t message_address;
};
#define LINE_LEVEL 1u
#define LINE_MASKED 2u
enum handle_type {
    HANDLE_FREE,
    HANDLE_PIPE,
    HANDLE_REGION,
    HANDLE_IN_TRANSIT // a region that a waiting thread moves: back if that fails, free once it is taken
};
struct info_handle {
    uint32_t handle;
    uint8_t type, rights; // enum handle_type
    uint8_t is_outside;   // 1: its process is not the pipe's owner
    uint8_t unused;
    uint64_t object; // number of the pipe; pages of the region
};
// One request looks at a bounded part of the table, so `count` may be 0 before the end.
#define INFO_HANDLES_MAX 128u
struct info_handles {
    uint32_t count, next; // entries that follow; the next request's cursor, 0 at the end
    struct info_handle handle[INFO_HANDLES_MAX];
};

// The screen as the boot loader has left it; the kinds are numbered as in Multiboot2 specification 1.6, 3.6.12.
enum framebuffer_kind { FRAMEBUFFER_INDEXED, FRAMEBUFFER_COLOUR, FRAMEBUFFER_TEXT };
struct info_framebuffer {
    uint64_t address;              // physical
    uint32_t pitch, width, height; // bytes from a row to the next; pixels, or cells of text
    uint8_t bits, kind, unused[2]; // of a pixel; enum framebuffer_kind
    uint8_t colours[3][2];         // FRAMEBUFFER_COLOUR: red, green, blue: the lowest of its bits, and how many
};

// -- /kernel/power --
enum power_operation { POWER_OFF, POWER_REBOOT, POWER_TEST_EXIT };
struct power_request {
    uint32_t operation;
    uint32_t status; // POWER_TEST_EXIT: QEMU's isa-debug-exit ends with 2 * status + 1
};

// -- /kernel/report: struct report_request, then a text: a line of the kernel's log, with the caller's pid and name --
#define REPORT_MAX 120u
struct report_request {
    uint32_t operation; // 0
};

// -- /kernel/log: a topic; each message is one line of the kernel's log, with its time --
// -- /kernel/returned: an event that counts ranges that came back to a region of the memory server --

#endif
