/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Counts what a test program allocates, by taking the place of malloc() and its kin; under a sanitizer, which has that place
 * already, by its hooks. To be included by the one source of the program.
 */
#ifndef ALLOCATIONS_H
#define ALLOCATIONS_H

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>

/* Calls of this thread that allocated something or let it go. */
static __thread unsigned long allocation_calls;
/* What is allocated now, by all threads. */
static atomic_long live_blocks, live_bytes;

static void allocation_made(const volatile void *memory, size_t size)
{
	if (!memory)
		return;
	allocation_calls++;
	atomic_fetch_add_explicit(&live_blocks, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&live_bytes, size, memory_order_relaxed);
}

static void allocation_freed(size_t size)
{
	allocation_calls++;
	atomic_fetch_sub_explicit(&live_blocks, 1, memory_order_relaxed);
	atomic_fetch_sub_explicit(&live_bytes, size, memory_order_relaxed);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

/* The sanitizer's own; not every compiler brings their header. */
int __sanitizer_install_malloc_and_free_hooks(void (*made)(const volatile void *memory, size_t size),
					      void (*freed)(const volatile void *memory));
size_t __sanitizer_get_allocated_size(const volatile void *memory);

static void allocation_free_hook(const volatile void *memory)
{
	if (memory)
		allocation_freed(__sanitizer_get_allocated_size(memory));
}

__attribute__((constructor)) static void count_allocations(void)
{
	__sanitizer_install_malloc_and_free_hooks(allocation_made, allocation_free_hook);
}

#else

/* glibc's own. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);

static void *allocation_counted(void *memory)
{
	allocation_made(memory, memory ? malloc_usable_size(memory) : 0);
	return memory;
}

void *malloc(size_t size)
{
	return allocation_counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
	return allocation_counted(__libc_calloc(count, size));
}

void *memalign(size_t alignment, size_t size)
{
	return allocation_counted(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
	void *got = memalign(alignment, size);

	if (!got)
		return ENOMEM;
	*memory = got;
	return 0;
}

void *realloc(void *memory, size_t size)
{
	size_t before = memory ? malloc_usable_size(memory) : 0;
	void *got = __libc_realloc(memory, size);

	if (memory && (got || !size))
		allocation_freed(before);
	return allocation_counted(got);
}

void free(void *memory)
{
	if (memory)
		allocation_freed(malloc_usable_size(memory));
	__libc_free(memory);
}

#endif

#endif
