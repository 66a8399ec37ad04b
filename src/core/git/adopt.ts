import { constants } from 'node:fs';
import { copyFile, link, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { hasCode } from '../base/errors.js';
import type { HomeRepository } from './home.js';
import { fsyncPath, type Quarantine } from './quarantine.js';
import { keepMark } from './sweep.js';

/** Why there is no hard link: the file system has none, or not to there. */
const withoutLinks = ['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP'] as const;

/** Packs that were linked into home and are held there until the ledger names what they hold. */
export interface AdoptedPacks {
	/** Lets git's own housekeeping have the packs again; called once a ref reaches their objects. */
	release(): Promise<void>;
}

/**
 * Takes the inspected packs of a quarantine into home's object store: each `.pack`, `.rev`, then `.idx`, so that an
 * index never stands without its pack, then files and folder are flushed to disk. A `.keep` file holds each pack
 * against a gc that runs meanwhile.
 */
export async function adoptPacks(home: HomeRepository, quarantine: Quarantine): Promise<AdoptedPacks> {
	const target = join(home.commonDir, 'objects/pack');
	const names = await readdir(quarantine.packFolder);
	const packs = names.filter((name) => name.endsWith('.idx')).map((name) => name.slice(0, -'.idx'.length));
	const keeps: string[] = [];
	for (const pack of packs) {
		const keep = join(target, `${pack}.keep`);
		if (await createKeep(quarantine, keep)) {
			keeps.push(keep);
		}
		for (const suffix of ['.pack', '.rev', '.idx']) {
			if (names.includes(pack + suffix)) {
				await linkOrCopy(join(quarantine.packFolder, pack + suffix), join(target, pack + suffix));
				await fsyncPath(join(target, pack + suffix));
			}
		}
	}
	if (packs.length > 0) {
		await fsyncPath(target);
	}
	return {
		release: async () => {
			for (const keep of keeps) {
				await rm(keep, { force: true });
			}
		},
	};
}

// A file that holds a pack is there with its mark or not at all: without it nobody would know whose it is. False where one
// is there already.
async function createKeep(quarantine: Quarantine, path: string): Promise<boolean> {
	const made = join(quarantine.packFolder, basename(path));
	await writeFile(made, keepMark(process.pid));
	try {
		await link(made, path).catch((error: unknown) => {
			if (!hasCode(error, ...withoutLinks)) {
				throw error;
			}
			return copyFile(made, path, constants.COPYFILE_EXCL);
		});
		return true;
	} catch (error) {
		if (hasCode(error, 'EEXIST')) {
			return false;
		}
		throw error;
	}
}

async function linkOrCopy(from: string, to: string): Promise<void> {
	try {
		await link(from, to);
	} catch (error) {
		if (hasCode(error, 'EEXIST')) {
			return;
		}
		if (!hasCode(error, ...withoutLinks)) {
			throw error;
		}
		const temporary = `${to}.homeport-${process.pid}`;
		await copyFile(from, temporary, constants.COPYFILE_EXCL);
		await rename(temporary, to);
	}
}
