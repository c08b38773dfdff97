/* SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Keeps the memory of whole pictures mapped in Chromium's compositor.
 *
 * For every picture the compositor allocates two buffers of a whole frame, and more for each blur, and frees them
 * again. Chromium's allocator gives memory of that size back to the kernel, which then clears and maps it anew in pages
 * of 4 KiB, one page fault after another: an eighth of all CPU time of a plain 1080p frame, a fifth of one with blurs.
 * Loaded before the C library (LD_PRELOAD), this file stands in for the calls by which the allocator gives memory back
 * and takes it again. What is given back stays mapped, and is cleared when it is taken again.
 *
 * The process sees what it would see without: memory that it takes is zero, memory of other kinds is not touched.
 *
 *  - Only the GPU process, which holds the compositor, and the browser process, which packs the pictures, are served.
 *    In the others, where pages run, all calls go straight to the kernel.
 *  - Only ranges within the allocator's pools are kept: reservations of a GiB and more of private memory, into which
 *    nobody has mapped a file. So nothing that is cleared here was ever anything but the process's own memory.
 *  - At most KEPT_MOST bytes are kept; the rest is given back as ever.
 *
 * PartitionAlloc of Chromium 153: "direct maps" (partition_alloc/partition_bucket.cc), which it decommits with
 * mmap(PROT_NONE, MAP_FIXED) and recommits with mprotect (partition_alloc/page_allocator_internals_posix.h). Should it
 * do otherwise one day, nothing is kept and nothing else changes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)
#define POOL_LEAST (1024 * MIB)
#define RANGE_LEAST (1 * MIB) /* smaller memory the allocator keeps itself */
#define RANGE_MOST (64 * MIB) /* a picture of 3840x2160 has 32 MiB */
#define KEPT_MOST (128 * MIB)
#define REST_LEAST (MIB / 4)  /* what is left of a range when a part of it is taken; guard pages are smaller */

#define POOLS 8
#define KEPT 64 /* blurs need some buffers each */

struct range {
    uintptr_t start, end; /* no range when they are equal */
};

static struct range pools[POOLS], kept[KEPT];
static atomic_flag busy = ATOMIC_FLAG_INIT;
static int serving;

static void enter(void) {
    while (atomic_flag_test_and_set_explicit(&busy, memory_order_acquire)) sched_yield();
}

static void leave(void) { atomic_flag_clear_explicit(&busy, memory_order_release); }

static void *map(void *at, size_t size, int protection, int flags, int file, off_t offset) {
    return (void *)syscall(SYS_mmap, at, size, protection, flags, file, offset);
}

static int overlap(struct range one, struct range other) { return one.start < other.end && other.start < one.end; }

/* Give memory back to the kernel, as the caller had asked for. */
static void discard(struct range range) {
    int error = errno;
    if (range.start < range.end)
        map((void *)range.start, range.end - range.start, PROT_NONE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
    errno = error;
}

/* Whether there was room to note the range. */
static int keep(struct range range) {
    size_t size = range.end - range.start;
    int free = -1;
    for (int i = 0; i < KEPT; i++) {
        size += kept[i].end - kept[i].start;
        if (kept[i].start == kept[i].end) free = i;
    }
    if (free < 0 || size > KEPT_MOST) return 0;
    kept[free] = range;
    return 1;
}

/* What is left of a kept range on either side of a part that is taken. */
static void keep_rest(uintptr_t start, uintptr_t end) {
    struct range rest = {start, end};
    if (start < end && (end - start < REST_LEAST || !keep(rest))) discard(rest);
}

/* No longer keep what lies within a range; the overlaps are put into parts, of which there are at most KEPT. */
static int take(struct range range, struct range *parts) {
    struct range before[KEPT];
    int count = 0;
    memcpy(before, kept, sizeof before);
    for (int i = 0; i < KEPT; i++) {
        if (!overlap(before[i], range)) continue;
        struct range part = {
            before[i].start > range.start ? before[i].start : range.start,
            before[i].end < range.end ? before[i].end : range.end,
        };
        kept[i].start = kept[i].end = 0;
        keep_rest(before[i].start, part.start);
        keep_rest(part.end, before[i].end);
        parts[count++] = part;
    }
    return count;
}

static void forget(struct range range) {
    struct range parts[KEPT];
    take(range, parts);
}

static int in_pool(struct range range) {
    for (int i = 0; i < POOLS; i++)
        if (pools[i].start <= range.start && range.end <= pools[i].end) return 1;
    return 0;
}

static void note_pool(struct range range) {
    for (int i = 0; i < POOLS; i++)
        if (pools[i].start == pools[i].end) {
            pools[i] = range;
            return;
        }
}

/* A range is the process's own memory no more. Its pool ends there, or is none any more. */
static void leave_pool(struct range range) {
    for (int i = 0; i < POOLS; i++) {
        if (!overlap(pools[i], range)) continue;
        if (range.start <= pools[i].start && range.end < pools[i].end)
            pools[i].start = range.end;
        else if (pools[i].start < range.start && pools[i].end <= range.end)
            pools[i].end = range.start;
        else
            pools[i].start = pools[i].end = 0;
    }
}

__attribute__((constructor)) static void begin(void) {
    static const char type[] = "--type=", compositor[] = "--type=gpu-process"; /* the browser process has no type */
    char text[4096];
    int file = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    ssize_t size = read(file, text, sizeof text);
    close(file);
    serving = size > 0 && (memmem(text, (size_t)size, compositor, sizeof compositor) ||
                           !memmem(text, (size_t)size, type, sizeof type - 1));
}

static void *map_fixed(void *at, size_t size, int protection, int flags, int file, off_t offset) {
    struct range range = {(uintptr_t)at, (uintptr_t)at + size};
    int own = (flags & MAP_ANONYMOUS) && (flags & MAP_PRIVATE);
    enter();
    forget(range);
    if (!own) leave_pool(range);
    int keeps = own && protection == PROT_NONE && size >= RANGE_LEAST && size <= RANGE_MOST && in_pool(range) &&
                !syscall(SYS_mprotect, at, size, PROT_READ | PROT_WRITE) && keep(range);
    void *mapped = keeps ? at : map(at, size, protection, flags, file, offset);
    leave();
    return mapped;
}

void *mmap(void *at, size_t size, int protection, int flags, int file, off_t offset) {
    if (!serving) return map(at, size, protection, flags, file, offset);
    if (flags & MAP_FIXED) return map_fixed(at, size, protection, flags, file, offset);
    void *mapped = map(at, size, protection, flags, file, offset);
    if (mapped != MAP_FAILED && size >= POOL_LEAST && protection == PROT_NONE && (flags & MAP_ANONYMOUS) &&
        (flags & MAP_PRIVATE)) {
        struct range pool = {(uintptr_t)mapped, (uintptr_t)mapped + size};
        enter();
        note_pool(pool);
        leave();
    }
    return mapped;
}

void *mmap64(void *at, size_t size, int protection, int flags, int file, off_t offset) __attribute__((alias("mmap")));

int munmap(void *at, size_t size) {
    if (serving) {
        struct range range = {(uintptr_t)at, (uintptr_t)at + size};
        enter();
        forget(range);
        leave_pool(range);
        leave();
    }
    return (int)syscall(SYS_munmap, at, size);
}

int mprotect(void *at, size_t size, int protection) {
    struct range parts[KEPT], range = {(uintptr_t)at, (uintptr_t)at + size};
    int count = 0;
    if (serving) {
        enter();
        count = take(range, parts);
        leave();
    }
    for (int i = 0; i < count; i++)
        if (protection == PROT_NONE)
            discard(parts[i]);
        else
            memset((void *)parts[i].start, 0, parts[i].end - parts[i].start);
    return (int)syscall(SYS_mprotect, at, size, protection);
}
