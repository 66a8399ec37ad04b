import * as vscode from 'vscode';
import { isHomeportError } from '../../core/base/errors.js';
import type { Contents } from '../../core/contents.js';
import type { ContentKind } from '../../core/model/contents.js';
import type { Oid } from '../../core/model/observation.js';
import type { WindowHome } from '../platform/home.js';
import { contentOf, contentScheme } from './contentUri.js';
import { errorWords } from '../platform/coreWords.js';

// What links and submodules are for git: a text, which is never followed.
const types: Record<ContentKind, vscode.FileType> = {
	file: vscode.FileType.File,
	link: vscode.FileType.File,
	submodule: vscode.FileType.File,
	folder: vscode.FileType.Directory,
};

/** Lets the window read files out of commits of home, sessions' commits and captures among them. Nothing can be written. */
export function registerContentFiles(home: WindowHome): vscode.Disposable {
	const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
	const read = async <T>(
		uri: vscode.Uri,
		empty: T,
		from: (contents: Contents, oid: Oid, path: string) => Promise<T>,
	) => {
		const named = contentOf(uri);
		if (named === null) {
			throw vscode.FileSystemError.FileNotFound(uri);
		}
		if (named.oid === null) {
			return empty;
		}
		try {
			return await from((await home.open()).contents, named.oid, named.path);
		} catch (error) {
			throw isHomeportError(error, 'content-missing')
				? vscode.FileSystemError.FileNotFound(uri)
				: vscode.FileSystemError.Unavailable(errorWords(error).message);
		}
	};
	const stat = (type: vscode.FileType, size: number): vscode.FileStat => ({
		type,
		size,
		ctime: 0,
		mtime: 0,
		permissions: vscode.FilePermission.Readonly,
	});
	const refuse = (uri: vscode.Uri): never => {
		throw vscode.FileSystemError.NoPermissions(uri);
	};
	const files: vscode.FileSystemProvider = {
		onDidChangeFile: changed.event,
		// What an id names never changes.
		watch: () => new vscode.Disposable(() => undefined),
		stat: (uri) =>
			read(uri, stat(vscode.FileType.File, 0), async (contents, oid, path) => {
				const { kind, size } = await contents.facts(oid, path);
				return stat(types[kind], size);
			}),
		readDirectory: (uri) =>
			read<[string, vscode.FileType][]>(uri, [], async (contents, oid, path) =>
				(await contents.folder(oid, path)).map(({ name, kind }) => [name, types[kind]]),
			),
		readFile: (uri) => read<Uint8Array>(uri, new Uint8Array(), (contents, oid, path) => contents.file(oid, path)),
		createDirectory: refuse,
		writeFile: refuse,
		delete: refuse,
		rename: refuse,
	};
	const reason = new vscode.MarkdownString(
		vscode.l10n.t('This is kept in the repository as it was, and cannot be changed.'),
	);
	return vscode.Disposable.from(
		changed,
		vscode.workspace.registerFileSystemProvider(contentScheme, files, { isCaseSensitive: true, isReadonly: reason }),
	);
}
