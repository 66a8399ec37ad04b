import { deepStrictEqual, notStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { execLocal } from '../../src/core/backends/local/localExec.js';
import { openTunnel } from '../../src/core/git/tunnel.js';

describe('the tunnel', () => {
	const request = (path: string): string => {
		const line = `git-upload-pack ${path}\0host=localhost\0`;
		return (line.length + 4).toString(16).padStart(4, '0') + line;
	};
	const dial = async (url: string): Promise<Socket> => {
		const socket = connect({ host: '127.0.0.1', port: Number(new URL(url.replace('git:', 'http:')).port) });
		await once(socket, 'connect');
		return socket;
	};
	const pathOf = (url: string): string => new URL(url.replace('git:', 'http:')).pathname;
	const answerTo = async (url: string, text: string): Promise<string> => {
		const socket = await dial(url);
		socket.on('error', () => undefined);
		const chunks: Buffer[] = [];
		socket.on('data', (chunk: Buffer) => chunks.push(chunk));
		socket.end(text);
		await once(socket, 'close');
		return Buffer.concat(chunks).toString();
	};
	const cat = () => execLocal('/', ['cat'], {});

	it('serves the one connection that knows the token, with what came after it', async () => {
		const tunnel = await openTunnel(cat);
		strictEqual(await answerTo(tunnel.url, `${request(pathOf(tunnel.url))}hello`), 'hello');
		await tunnel.finished();
		await rejects(dial(tunnel.url), { code: 'ECONNREFUSED' });
		tunnel.close();
	});

	it('closes a connection without the token, and does not count it', async () => {
		let opened = 0;
		const tunnel = await openTunnel(() => {
			opened += 1;
			return cat();
		});
		const wrong = [
			request(`/${'0'.repeat(32)}`),
			request('/'),
			'GET / HTTP/1.1\r\n\r\n',
			'0000',
			'ffff',
			request('/../etc'),
		];
		for (const text of wrong) {
			strictEqual(await answerTo(tunnel.url, text), '');
		}
		strictEqual(opened, 0);
		strictEqual(await answerTo(tunnel.url, `${request(pathOf(tunnel.url))}still there`), 'still there');
		strictEqual(opened, 1);
		tunnel.close();
	});

	it('has another token each time, 128 bits long', async () => {
		const tunnels = await Promise.all([openTunnel(cat), openTunnel(cat)]);
		const tokens = tunnels.map(({ url }) => pathOf(url).slice(1));
		deepStrictEqual(
			tokens.map((token) => /^[0-9a-f]{32}$/.test(token)),
			[true, true],
		);
		notStrictEqual(tokens[0], tokens[1]);
		tunnels.forEach((tunnel) => tunnel.close());
	});

	it('fails when the command fails, however much it said before', async () => {
		const tunnel = await openTunnel(() => execLocal('/', ['sh', '-c', 'cat; echo broken >&2; exit 3'], {}));
		await answerTo(tunnel.url, `${request(pathOf(tunnel.url))}hello`);
		await rejects(tunnel.finished(), (error: { code: string; details: Record<string, unknown> }) => {
			deepStrictEqual([error.code, error.details['exitCode'], error.details['reason']], ['stream-failed', 3, 'broken']);
			return true;
		});
		tunnel.close();
	});

	it('leaves nothing behind when it is closed early', async () => {
		const tunnel = await openTunnel(() => execLocal('/', ['sleep', '600'], {}));
		const socket = await dial(tunnel.url);
		socket.write(request(pathOf(tunnel.url)));
		socket.on('error', () => undefined);
		const closed = new Promise((resolve) => socket.on('close', resolve));
		tunnel.close();
		await closed;
	});
});
