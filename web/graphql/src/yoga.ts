import { GraphQLError, NoSchemaIntrospectionCustomRule, parse, type ParseOptions, type Source } from 'graphql';
import { createSchema, createYoga, type Plugin } from 'graphql-yoga';
import { Caller, type GatewayContext } from './caller.js';
import { readAuthorization } from './credentials.js';
import { eventStreams } from './eventStream.js';
import { exactHttpJson } from './httpJson.js';
import { withinLimits } from './limits.js';
import { resolvers } from './resolvers.js';
import type { Settings } from './settings.js';
import { typeDefs } from './typeDefs.js';

/** The context before ours: yoga adds `request` for HTTP; a socket passes its caller. */
type Given = { caller?: Caller };

export function createGraphQL(settings: Settings, context: GatewayContext) {
  return createYoga<Given, object>({
    schema: createSchema({ typeDefs, resolvers: resolvers as never }),
    graphqlEndpoint: '/graphql',
    landingPage: false,
    graphiql: settings.production ? false : { subscriptionsProtocol: 'WS' },
    // Credentials are an explicit header, never a cookie, so any origin may call.
    cors: { origin: '*', credentials: false },
    // `isDev` would expose the stack of an unexpected error.
    maskedErrors: { isDev: false, maskError: (failure) => mask(failure) },
    logging: 'error',
    multipart: false, // there are no uploads
    context: (given) => given.caller ?? new Caller(context, readAuthorization(given.request.headers.get('authorization'))),
    plugins: [limits(settings), exactHttpJson, eventStreams],
  });
}

function limits({ maxDepth, maxCost, maxTokens, production }: Settings): Plugin {
  return {
    onParse({ setParseFn }) {
      setParseFn((source: string | Source, options?: ParseOptions) => parse(source, { ...options, maxTokens }));
    },
    onValidate({ addValidationRule }) {
      addValidationRule(withinLimits({ maxDepth, maxCost }));
      if (production) addValidationRule(NoSchemaIntrospectionCustomRule);
      return ({ valid, result, setResult }) => {
        if (!valid) setResult((result as GraphQLError[]).map((error) => invalid(error, production)));
      };
    },
  };
}

/** Suggestions ("Did you mean …?") would disclose the schema where introspection is disabled. */
function invalid(error: GraphQLError, production: boolean): GraphQLError {
  const message = production ? error.message.replace(/ ?Did you mean [^?]*\?/, '') : error.message;
  return new GraphQLError(message, { nodes: error.nodes ?? null, extensions: { code: 'BAD_USER_INPUT', ...error.extensions } });
}

/** A GraphQLError goes to the caller, with a code; any other error is logged and replaced by a general message. */
function mask(failure: unknown): Error {
  const original = failure instanceof GraphQLError ? failure.originalError : failure;
  if (failure instanceof GraphQLError && (!original || original instanceof GraphQLError)) {
    const code = failure.extensions['code'] ?? 'BAD_USER_INPUT';
    return new GraphQLError(failure.message, { nodes: failure.nodes ?? null, path: failure.path ?? null, extensions: { ...failure.extensions, code } });
  }
  console.error('Unexpected:', original instanceof Error ? original.stack : 'not an error');
  const path = failure instanceof GraphQLError ? failure.path : undefined;
  return new GraphQLError('Internal server error.', { path: path ?? null, extensions: { code: 'INTERNAL_SERVER_ERROR' } });
}
