/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A counted object as one writes it in C11, in a file of its own so that it is called and not inlined, as a library's is. */
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

struct c11_object {
	atomic_uint count;
};

struct c11_object *c11_new(void)
{
	struct c11_object *object = malloc(sizeof(*object));

	if (object)
		atomic_init(&object->count, 1);
	return object;
}

struct c11_object *c11_get(struct c11_object *object)
{
	if (object)
		atomic_fetch_add_explicit(&object->count, 1, memory_order_relaxed);
	return object;
}

void c11_put(struct c11_object *object)
{
	if (!object || atomic_fetch_sub_explicit(&object->count, 1, memory_order_release) != 1)
		return;
	atomic_thread_fence(memory_order_acquire);
	free(object);
}
