import { startGateway } from './gateway.js';
import { readSettings } from './settings.js';

try {
  const settings = readSettings(process.env);
  const gateway = await startGateway(settings);
  console.log(`GraphQL on ${gateway.url} for the inbox at ${settings.inboxUrl}${settings.production ? '' : ' (development: introspection and GraphiQL are on)'}`);

  const stop = () => {
    process.once('SIGINT', () => process.exit(130)); // a second signal ends at once
    gateway.close().then(() => process.exit(0), () => process.exit(1));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (failure) {
  console.error(failure instanceof Error ? failure.message : failure);
  process.exitCode = 1;
}
