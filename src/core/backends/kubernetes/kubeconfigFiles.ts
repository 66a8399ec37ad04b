import { readFile, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { HomeportError, errorText, hasCode } from '../../base/errors.js';
import { isInside } from '../../base/searchPath.js';
import { emptyKubeconfig, mergeKubeconfigs, parseKubeconfig } from './kubeconfig.js';
import type { Kubeconfig } from './kubeconfig.js';

/** Larger files are no kubeconfig. */
const maxBytes = 4 * 1024 * 1024;

export interface KubeconfigSource {
	readonly env: NodeJS.ProcessEnv;
	/** The file of `--kubeconfig`: the only one then, and it has to be there. */
	readonly file: string | null;
	/** Folders of home and of sessions: a kubeconfig there may start programs, and is not the user's own. */
	readonly foreign: readonly string[];
}

/** The files that are read, in their order: those of `KUBECONFIG`, else the one in the user's folder. */
export function kubeconfigPaths({ env, file }: Pick<KubeconfigSource, 'env' | 'file'>): readonly string[] {
	if (file !== null) {
		return [resolve(file)];
	}
	const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
	const paths = listed.length > 0 ? listed : [join(env['HOME'] || homedir(), '.kube', 'config')];
	return [...new Set(paths.map((path) => resolve(path)))];
}

/**
 * The user's kubeconfig, all of its files as one; a file that is not there is ignored. `parseYaml` is only called where
 * there is a file. Fails with `kubeconfig-damaged`, naming the file, and with `kubeconfig-foreign` where one stands in
 * home or in a session.
 */
export async function readKubeconfig(
	source: KubeconfigSource,
	parseYaml: (text: string) => Promise<unknown>,
): Promise<Kubeconfig> {
	const files: Kubeconfig[] = [];
	for (const path of kubeconfigPaths(source)) {
		const read = await readOne(path, source);
		if (read !== null) {
			try {
				files.push(parseKubeconfig(await parseYaml(read), path));
			} catch (error) {
				throw new HomeportError('kubeconfig-damaged', { path, reason: errorText(error) }, error);
			}
		}
	}
	return files.length === 0 ? emptyKubeconfig : mergeKubeconfigs(files);
}

async function readOne(path: string, { file, foreign }: KubeconfigSource): Promise<string | null> {
	try {
		const real = await realpath(path);
		const folder = foreign.find((one) => isInside(one, real) || isInside(one, path));
		if (folder !== undefined) {
			throw new HomeportError('kubeconfig-foreign', { path, folder });
		}
		const bytes = await readFile(real);
		if (bytes.length > maxBytes) {
			throw new Error('it is too large');
		}
		return bytes.toString('utf8');
	} catch (error) {
		if (error instanceof HomeportError) {
			throw error;
		}
		if (file === null && hasCode(error, 'ENOENT', 'ENOTDIR')) {
			return null;
		}
		throw new HomeportError('kubeconfig-damaged', { path, reason: errorText(error) }, error);
	}
}
