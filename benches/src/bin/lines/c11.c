/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A reference count as one writes it in C11, in a file of its own so that it is called and not inlined, as a library's is. */
#include <stdatomic.h>

static atomic_uint count = 1;

void c11_get(void)
{
	atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
}

int c11_put(void)
{
	if (atomic_fetch_sub_explicit(&count, 1, memory_order_release) != 1)
		return 0;
	atomic_thread_fence(memory_order_acquire);
	return 1;
}
