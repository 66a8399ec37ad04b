import { chromium } from 'playwright-core';
import { ensureChromium } from './install.mjs';

const options = async () => ({
	executablePath: await ensureChromium(),
	args: [
		'--no-sandbox',
		'--disable-gpu',
		'--disable-dev-shm-usage',
		'--disable-background-networking',
		// Nothing but the loopback can be reached.
		'--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
	],
});

/** Starts a Chromium that this process drives. */
export async function startBrowser() {
	return chromium.launch(await options());
}

/** Starts a Chromium that a suite connects to by `wsEndpoint()`. */
export async function startBrowserServer() {
	return chromium.launchServer({ ...(await options()), host: '127.0.0.1' });
}
