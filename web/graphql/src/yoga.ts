import { GraphQLError, NoSchemaIntrospectionCustomRule, parse, type ParseOptions, type Source } from 'graphql';
import { createSchema, createYoga, type Plugin } from 'graphql-yoga';
import { Caller, type Inside } from './caller.js';
import { readAuthorization } from './credentials.js';
import { withinLimits } from './limits.js';
import { resolvers } from './resolvers.js';
import type { Settings } from './settings.js';
import { typeDefs } from './typeDefs.js';

/** HTTP puts the request into the context; a socket brings its caller along. */
type Given = { caller?: Caller };

export function createGraphQL(settings: Settings, inside: Inside) {
  return createYoga<Given, object>({
    schema: createSchema({ typeDefs, resolvers: resolvers as never }),
    graphqlEndpoint: '/graphql',
    landingPage: false,
    graphiql: settings.production ? false : { subscriptionsProtocol: 'WS' },
    // Credentials are headers that a script sets, never cookies: other origins may call.
    cors: { origin: '*', credentials: false },
    // `isDev` would put the stack of an unexpected error into the answer.
    maskedErrors: { isDev: false, maskError: (failure) => mask(failure) },
    logging: 'error',
    context: (given) => given.caller ?? new Caller(inside, readAuthorization(given.request.headers.get('authorization'))),
    plugins: [limits(settings)],
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

/** "Did you mean …?" tells in small pieces what introspection would not. */
function invalid(error: GraphQLError, production: boolean): GraphQLError {
  const message = production ? error.message.replace(/ ?Did you mean [^?]*\?/, '') : error.message;
  return new GraphQLError(message, { nodes: error.nodes ?? null, extensions: { code: 'BAD_USER_INPUT', ...error.extensions } });
}

/** What was not meant for callers becomes a sentence; what was, goes as it is, and always has a code. */
function mask(failure: unknown): Error {
  const original = failure instanceof GraphQLError ? failure.originalError : failure;
  if (failure instanceof GraphQLError && (!original || original instanceof GraphQLError)) {
    const code = failure.extensions['code'] ?? 'BAD_USER_INPUT';
    return new GraphQLError(failure.message, { nodes: failure.nodes ?? null, path: failure.path ?? null, extensions: { ...failure.extensions, code } });
  }
  console.error('Unexpected:', original instanceof Error ? original.stack : 'not an error');
  const path = failure instanceof GraphQLError ? failure.path : undefined;
  return new GraphQLError('Something went wrong here.', { path: path ?? null, extensions: { code: 'INTERNAL_SERVER_ERROR' } });
}
