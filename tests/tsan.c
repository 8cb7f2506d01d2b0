/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What rustc's instrumentation calls and GCC's ThreadSanitizer does not have: there the plain functions are watched.
 * Linked into the library for SANITIZE=thread. -fno-builtin keeps the compiler from turning them into themselves.
 */
#include <string.h>

void *__tsan_memcpy(void *to, const void *from, size_t n)
{
	return memcpy(to, from, n);
}

void *__tsan_memmove(void *to, const void *from, size_t n)
{
	return memmove(to, from, n);
}

void *__tsan_memset(void *to, int byte, size_t n)
{
	return memset(to, byte, n);
}
