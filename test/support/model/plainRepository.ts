import { existsSync, lstatSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/*
 * Reads a repository's names from its files, with no git and no code of the product: the independent witness of what is
 * there (gitrepository-layout(5)).
 */

const oidPattern = /^[0-9a-f]{40}$/;

/** Every ref of a git folder by full name, its bytes as one character each; symbolic ones are left out. */
export function readRefs(commonDir: string): Map<string, string> {
	const refs = new Map<string, string>();
	const packed = join(commonDir, 'packed-refs');
	if (existsSync(packed)) {
		for (const line of readFileSync(packed, 'latin1').split('\n')) {
			const [oid = '', name] = line.split(' ');
			if (oidPattern.test(oid) && name !== undefined) {
				refs.set(name, oid);
			}
		}
	}
	const visit = (name: string): void => {
		for (const entry of readdirSync(join(commonDir, name), { withFileTypes: true })) {
			const path = `${name}/${entry.name}`;
			if (entry.isDirectory()) {
				visit(path);
			} else if (!path.endsWith('.lock')) {
				const text = readFileSync(join(commonDir, path), 'latin1').trim();
				if (oidPattern.test(text)) {
					refs.set(Buffer.from(path).toString('latin1'), text);
				}
			}
		}
	};
	visit('refs');
	return refs;
}

/** What HEAD says: the full name of a ref, or an object id. */
export function readHead(gitDir: string): string {
	return readFileSync(join(gitDir, 'HEAD'), 'latin1')
		.trim()
		.replace(/^ref: /, '');
}

/** The commit at HEAD, or null where its branch has none. */
export function headOid(gitDir: string, commonDir: string): string | null {
	const head = readHead(gitDir);
	return oidPattern.test(head) ? head : (readRefs(commonDir).get(head) ?? null);
}

/** Both object ids of every line of a reflog, newest last; none where there is no log. */
export function readLog(path: string): { readonly from: string; readonly to: string }[] {
	if (!existsSync(path)) {
		return [];
	}
	return readFileSync(path, 'latin1')
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => ({ from: line.slice(0, 40), to: line.slice(41, 81) }));
}

/** Object ids that the logs of a git folder, and of one of its working trees, name. */
export function readAllLogs(gitDir: string, commonDir: string): Set<string> {
	const oids = new Set<string>();
	const visit = (path: string): void => {
		if (!existsSync(path)) {
			return;
		}
		if (lstatSync(path).isDirectory()) {
			readdirSync(path).forEach((name) => visit(join(path, name)));
			return;
		}
		for (const { from, to } of readLog(path)) {
			oids.add(from).add(to);
		}
	};
	visit(join(commonDir, 'logs'));
	visit(join(gitDir, 'logs'));
	oids.delete('0'.repeat(40));
	return oids;
}

/** The commits of the stash, newest first. */
export function readStashes(commonDir: string): string[] {
	return readLog(join(commonDir, 'logs/refs/stash'))
		.map(({ to }) => to)
		.reverse();
}
