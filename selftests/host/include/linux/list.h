/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_LINUX_LIST_H
#define HOST_LINUX_LIST_H

#include <linux/bitops.h>
#include <linux/types.h>

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD(name)	struct list_head name = { &(name), &(name) }

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list;
	list->prev = list;
}

static inline bool list_empty(const struct list_head *list)
{
	return list->next == list;
}

static inline void list_add(struct list_head *entry, struct list_head *list)
{
	entry->next = list->next;
	entry->prev = list;
	list->next->prev = entry;
	list->next = entry;
}

static inline void list_add_tail(struct list_head *entry,
				 struct list_head *list)
{
	entry->next = list;
	entry->prev = list->prev;
	list->prev->next = entry;
	list->prev = entry;
}

/* A deleted entry leads nowhere. */
static inline void list_del(struct list_head *entry)
{
	entry->next->prev = entry->prev;
	entry->prev->next = entry->next;
	entry->next = NULL;
	entry->prev = NULL;
}

static inline void list_del_init(struct list_head *entry)
{
	list_del(entry);
	INIT_LIST_HEAD(entry);
}

#define list_entry(pointer, type, member) container_of(pointer, type, member)

#define list_first_entry_or_null(list, type, member)			\
	(list_empty(list) ? NULL : list_entry((list)->next, type, member))

#define list_for_each_entry(entry, list, member)			\
	for (entry = list_entry((list)->next, __typeof__(*entry), member); \
	     &entry->member != (list);					\
	     entry = list_entry(entry->member.next, __typeof__(*entry), member))

#define list_for_each_entry_safe(entry, after, list, member)		\
	for (entry = list_entry((list)->next, __typeof__(*entry), member); \
	     after = list_entry(entry->member.next, __typeof__(*entry),	\
				member), &entry->member != (list);	\
	     entry = after)

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

static inline bool hlist_unhashed(const struct hlist_node *node)
{
	return !node->pprev;
}

static inline void hlist_add_head(struct hlist_node *node,
				  struct hlist_head *head)
{
	node->next = head->first;
	if (node->next)
		node->next->pprev = &node->next;
	head->first = node;
	node->pprev = &head->first;
}

static inline void hlist_del_init(struct hlist_node *node)
{
	if (hlist_unhashed(node))
		return;
	*node->pprev = node->next;
	if (node->next)
		node->next->pprev = node->pprev;
	node->next = NULL;
	node->pprev = NULL;
}

#define hlist_entry_safe(pointer, type, member)				\
({									\
	__typeof__(pointer) pointer_ = (pointer);			\
									\
	pointer_ ? container_of(pointer_, type, member) : NULL;		\
})

#define hlist_for_each_entry_safe(entry, after, head, member)		\
	for (entry = hlist_entry_safe((head)->first, __typeof__(*entry),	\
				      member);				\
	     entry && ({ after = entry->member.next; 1; });		\
	     entry = hlist_entry_safe(after, __typeof__(*entry), member))

#endif
