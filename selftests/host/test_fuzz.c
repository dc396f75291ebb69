// SPDX-License-Identifier: GPL-2.0-only
/*
 * The targets of the fuzzer without it: what it has learned is in corpus/TARGET,
 * and is run again here, with some garbage besides.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nhv/base.h>
#include "fuzz.h"
#include "ktap.h"

#define ROUNDS	60
#define LONGEST	4096

static u8 data[LONGEST];

static bool replay(unsigned int target, const char *folder, const char *file)
{
	char path[512];
	size_t size;
	FILE *in;

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	in = file[0] == '.' ? NULL : fopen(path, "rb");
	if (!in)
		return false;
	size = fread(data, 1, sizeof(data), in);
	fclose(in);
	fuzz_run(target, data, size);
	if (ktap_failures)
		printf("# by %s\n", path);
	return true;
}

/* Return: how many inputs there are. */
static unsigned int replay_all(unsigned int target)
{
	const char *here = __FILE__, *end = strrchr(here, '/');
	char folder[256];
	struct dirent *entry;
	unsigned int nr = 0;
	DIR *all;

	/* Beside this file. */
	snprintf(folder, sizeof(folder), "%.*scorpus/%s",
		 end ? (int)(end + 1 - here) : 0, here, fuzz_name(target));
	all = opendir(folder);
	while (all && (entry = readdir(all)))
		nr += replay(target, folder, entry->d_name);
	if (all)
		closedir(all);
	CHECK(nr, "nothing in %s", folder);
	return nr;
}

static void garbage(unsigned int target)
{
	unsigned int round, i;

	srandom(1);
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < sizeof(data); i++)
			data[i] = random();
		fuzz_run(target, data, sizeof(data));
	}
}

int main(void)
{
	unsigned int target, nr, failed = 0;

	for (nr = 0; fuzz_name(nr); nr++)
		;
	printf("KTAP version 1\n1..%u\n", nr);
	for (target = 0; target < nr; target++) {
		unsigned int inputs;

		ktap_failures = 0;
		inputs = replay_all(target);
		garbage(target);
		failed += !!ktap_failures;
		printf("%sok %u fuzz: %s, %u inputs and garbage\n",
		       ktap_failures ? "not " : "", target + 1,
		       fuzz_name(target), inputs);
	}
	return failed ? 1 : 0;
}
