import { join } from 'node:path';
import type { Oid } from '../model/observation.js';
import { type BytePath, bytePaths, nulInput } from './bytePath.js';
import type { Git } from './run.js';

/**
 * Those of the paths that the attributes of a tree put through a filter, such as Git LFS or git-crypt, whatever is
 * configured for it. `folder` is for an index that is thrown away.
 */
export async function filteredPaths(
	git: Git,
	folder: string,
	tree: Oid,
	paths: readonly BytePath[],
): Promise<BytePath[]> {
	if (paths.length === 0) {
		return [];
	}
	const onIndex = git.with({ env: { GIT_INDEX_FILE: join(folder, 'attributes-index') } });
	await onIndex.run(['read-tree', tree]);
	const args = ['check-attr', '--cached', '-z', '--stdin', 'filter'];
	const fields = bytePaths((await onIndex.run(args, { input: nulInput(paths) })).stdout);
	return paths.filter((_, index) => !['unspecified', 'unset'].includes(fields[index * 3 + 2] ?? 'unspecified'));
}
