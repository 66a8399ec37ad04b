import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addEntry, removeEntry } from '../../src/core/backends/local/registry.js';
import { systemClock } from '../../src/core/base/clock.js';
import { recordSync } from '../../src/core/sync/manifest.js';

// One of several processes that write the same state file at once: `MODE PATH ID COUNT [MORE…]`.

const [mode = '', path = '', id = '', count = '0', ...more] = process.argv.slice(2);

async function write(round: number): Promise<void> {
	switch (mode) {
		case 'registry': {
			const [folder = '', home = ''] = more;
			for (const name of [`s-${id}-${round}`, `gone-${id}`]) {
				await addEntry(path, { name, path: await repository(join(folder, name)), agent: 'claude', home }, systemClock);
			}
			await removeEntry(path, `gone-${id}`);
			return;
		}
		case 'manifest':
			await recordSync({ HOME: path }, `/home/${id}/${round}`, `s-${id}`, 0, [`s-${id}`]);
			return;
		default:
			throw new Error(`unknown mode ${mode}`);
	}
}

/** Makes a folder that is taken for a repository, quicker than git would; once made, it stays. */
async function repository(path: string): Promise<string> {
	await Promise.all(['objects', 'refs'].map((name) => mkdir(join(path, '.git', name), { recursive: true })));
	await writeFile(join(path, '.git', 'HEAD'), 'ref: refs/heads/main\n');
	return path;
}

async function main(): Promise<void> {
	for (let round = 0; round < Number(count); round++) {
		await write(round);
	}
}

if (process.send !== undefined) {
	process.once('message', () => {
		main().then(
			() => process.exit(0),
			(error: unknown) => {
				console.error(error);
				process.exit(1);
			},
		);
	});
	process.send('ready');
}
