import type { Oid } from '../model/observation.js';
import { objectInfos, readObjects, type ObjectInfo, type Reader } from './inspectObjects.js';
import { attributeDrivers, installScripts } from './policyBlob.js';
import { moduleByteFaults, moduleFaults } from './policyModules.js';
import type { ContentKind } from './policyRisk.js';

// More than any such file of people; git itself reads no `.gitattributes` above 100 MB and no longer line than 2 KB.
const mostBytes = 1024 * 1024;

/** A blob, and what it is to be read as. */
export interface ContentRequest {
	readonly kind: ContentKind;
	readonly oid: Oid;
}

/** What is worth saying of a blob read as one kind; `[]` for nothing. */
export type ContentFacts = (kind: ContentKind, oid: Oid) => readonly string[];

/** Reads blobs and judges them; a blob that cannot be read whole has that as its only fact. */
export async function contentFacts(reader: Reader, requests: readonly ContentRequest[]): Promise<ContentFacts> {
	const facts = new Map<string, readonly string[]>();
	const kinds = new Map<Oid, Set<ContentKind>>();
	for (const { kind, oid } of requests) {
		const wanted = kinds.get(oid) ?? new Set();
		kinds.set(oid, wanted.add(kind));
		facts.set(`${kind} ${oid}`, ['the file cannot be read']);
	}
	const modules: Oid[] = [];
	await readSmallBlobs(reader, [...kinds.keys()], mostBytes, (oid, bytes) => {
		for (const kind of kinds.get(oid)!) {
			if (bytes === null) {
				facts.set(`${kind} ${oid}`, [`the file has more than ${mostBytes} bytes`]);
			} else if (kind === 'modules') {
				modules.push(oid);
				facts.set(`${kind} ${oid}`, moduleByteFaults(bytes));
			} else {
				facts.set(`${kind} ${oid}`, kind === 'package' ? installScripts(bytes) : attributeDrivers(bytes));
			}
		}
	});
	for (const oid of modules) {
		const key = `modules ${oid}`;
		facts.set(key, [...new Set([...facts.get(key)!, ...(await modulesOf(reader, oid))])]);
	}
	return (kind, oid) => facts.get(`${kind} ${oid}`) ?? [];
}

/** The targets of symbolic links, one character for each byte; null for one that is no path by its length. */
export async function linkTargets(reader: Reader, oids: readonly Oid[]): Promise<Map<Oid, string | null>> {
	const targets = new Map<Oid, string | null>();
	await readSmallBlobs(reader, oids, 4096, (oid, bytes) => targets.set(oid, bytes?.toString('latin1') ?? null));
	return targets;
}

async function readSmallBlobs(
	reader: Reader,
	oids: readonly Oid[],
	most: number,
	take: (oid: Oid, bytes: Buffer | null) => void,
): Promise<void> {
	const small: ObjectInfo[] = [];
	for (const info of await objectInfos(reader, [...new Set(oids)])) {
		if (info.type === 'blob' && info.size > most) {
			take(info.oid, null);
		} else if (info.type === 'blob') {
			small.push(info);
		}
	}
	await readObjects(reader, small, ({ oid }, bytes) => take(oid, bytes));
}

// git's own reader, so that what is judged is what git would see; it stops at the first line that it cannot read.
async function modulesOf(reader: Reader, oid: Oid): Promise<string[]> {
	reader.check();
	const { stdout, exitCode } = await reader.git.run(['config', '--no-includes', '--list', '-z', '--blob', oid], {
		allow: [1, 3, 128, 255],
		signal: reader.signal,
	});
	const entries = stdout
		.toString('latin1')
		.split('\0')
		.filter((entry) => entry !== '')
		.map((entry): [string, string] => {
			const end = entry.indexOf('\n');
			return end < 0 ? [entry, ''] : [entry.slice(0, end), entry.slice(end + 1)];
		});
	const faults = moduleFaults(entries);
	return exitCode === 0 || faults.length > 0 ? faults : ['the file cannot be parsed'];
}
