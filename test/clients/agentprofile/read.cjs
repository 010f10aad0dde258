// Reads the complete profile of one agent with the AgentConfigService of the service's own client package, and prints it as
// JSON. What the package would take from a browser session is given by the environment.
'use strict';

const path = require('node:path');

const services = path.join(__dirname, 'node_modules', '@webex', 'contact-center', 'dist', 'services');
const AgentConfigService = require(path.join(services, 'config', 'index.js')).default;
const WebexRequest = require(path.join(services, 'core', 'WebexRequest.js')).default;

const { SIMULATOR, TOKEN, ORGANIZATION, AGENT } = process.env;

// webex stands for the session object of the client: it knows one service, and brings the token.
const webex = {
  async request({ service, resource, method, body }) {
    if (service !== 'wcc-api-gateway') {
      throw new Error(`unknown service ${service}`);
    }
    const response = await fetch(new URL(resource, `${SIMULATOR}/`), {
      method,
      headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { statusCode: response.status, body: text === '' ? undefined : JSON.parse(text) };
  },
};

async function main() {
  WebexRequest.getInstance({ webex });
  const config = new AgentConfigService();
  const profile = await config.getAgentConfig(ORGANIZATION, AGENT);
  const media = await config.getMultimediaProfileById(ORGANIZATION, profile.multimediaProfileId);
  const callerIds = await config.getOutdialAniEntries(ORGANIZATION, { outdialANI: profile.outdialANIId });
  process.stdout.write(JSON.stringify({ profile, media, callerIds }));
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
