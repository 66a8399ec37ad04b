import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { configFolder } from '../../base/configFolder.js';
import { readState } from '../../base/stateFile.js';

/** A session on OpenShift as paude noted it on this machine. */
export interface PaudeEntry {
	readonly name: string;
	/** The folder that it was made from; as a real path where it is there. */
	readonly workspace: string;
	/** Null for whatever was the current one. */
	readonly context: string | null;
	readonly namespace: string | null;
}

const word = z.optional(z.nullable(z.string()));
const entrySchema = z.looseObject({
	name: word,
	backend_type: word,
	workspace: z.string().check(z.regex(/^\/\P{Cc}*$/u)),
	openshift_context: word,
	openshift_namespace: word,
});
const registrySchema = z.looseObject({ sessions: z.record(z.string(), z.unknown()) });

/**
 * The sessions on OpenShift in paude's registry, which is another program's: it is read and never written. None where
 * there is no such file; an entry that is not of this shape is passed over. Fails with `state-damaged`.
 */
export async function readPaudeRegistry(env: NodeJS.ProcessEnv): Promise<PaudeEntry[]> {
	const path = join(configFolder(env), 'paude', 'sessions.json');
	const { sessions } = await readState(path, registrySchema, { sessions: {} }, 'leave');
	const entries: PaudeEntry[] = [];
	for (const [key, value] of Object.entries(sessions)) {
		const entry = z.safeParse(entrySchema, value).data;
		if (entry !== undefined && (entry.backend_type || 'openshift') === 'openshift') {
			entries.push({
				name: entry.name || key,
				workspace: await realpath(entry.workspace).catch(() => entry.workspace),
				context: entry.openshift_context || null,
				namespace: entry.openshift_namespace || null,
			});
		}
	}
	return entries;
}
