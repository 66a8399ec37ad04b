import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import * as z from 'zod/mini';
import { readState, updateState } from '../base/stateFile.js';

const entrySchema = z.looseObject({
	last_sync: z.optional(z.string()),
	last_sync_time: z.optional(z.string()),
	active_sessions: z.optional(z.array(z.string())),
});

/** What the manifest says of one home; keys that others put there are kept. */
export type ManifestEntry = z.infer<typeof entrySchema>;

// Homes are named by their path; every other key is somebody's own and may hold anything.
const manifestSchema = z.record(z.string(), z.unknown()).check(
	z.superRefine((manifest, context) => {
		for (const [key, value] of Object.entries(manifest)) {
			const parsed = isAbsolute(key) ? entrySchema.safeParse(value) : undefined;
			for (const issue of parsed?.error?.issues ?? []) {
				context.addIssue({ ...issue, path: [key, ...issue.path] });
			}
		}
	}),
);

/** Where the manifest is: `~/.paude/sync-manifest.json`. */
export function manifestPath(env: NodeJS.ProcessEnv): string {
	return join(env['HOME'] || homedir(), '.paude', 'sync-manifest.json');
}

/** The manifest's entry for the home with this path, or null where there is none; fails with `state-damaged`. */
export async function readManifest(env: NodeJS.ProcessEnv, homePath: string): Promise<ManifestEntry | null> {
	return entryOf(await readState(manifestPath(env), manifestSchema, {}), homePath);
}

/**
 * Writes down that the session named was synced to the home with this path at `time` (milliseconds since 1970), and
 * which sessions it has; everything else in the manifest stays. Fails with `state-damaged` and `state-unwritable`.
 */
export async function recordSync(
	env: NodeJS.ProcessEnv,
	homePath: string,
	sessionName: string,
	time: number,
	activeSessions: readonly string[],
): Promise<void> {
	await updateState(manifestPath(env), manifestSchema, {}, (manifest) => ({
		...manifest,
		[homePath]: {
			...entryOf(manifest, homePath),
			last_sync: sessionName,
			last_sync_time: new Date(time).toISOString().replace(/\.\d+Z$/, 'Z'),
			active_sessions: [...activeSessions],
		},
	}));
}

function entryOf(manifest: Readonly<Record<string, unknown>>, homePath: string): ManifestEntry | null {
	return Object.hasOwn(manifest, homePath) ? entrySchema.parse(manifest[homePath]) : null;
}
