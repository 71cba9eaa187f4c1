// Command pulumi-language-python is the Python language host: the engine starts it, hands it a
// program or a policy pack, and it starts Python.
//
// Pulumi's own host is a Go module of its own that the public module proxy does not serve. The parts
// it is made of are public, in the SDK: the tool chain that finds the virtual environment, and the
// proxy between the engine and a policy pack. This file joins them, for use where the official
// release cannot be downloaded. What it leaves out (code generation, packing, `pulumi install`)
// answers "unimplemented".
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"

	sdk "github.com/pulumi/pulumi/sdk/v3"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

const (
	// The starter exits with this code once it has shown the user what went wrong.
	alreadyReported = 32
	// How often the host looks whether the engine that started it still lives.
	engineCheckInterval = 30 * time.Second
)

type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	engine string
	// children is cancelled by Cancel; each child process is started under it.
	children    context.Context
	endChildren context.CancelFunc
}

func main() {
	// The engine may pass these two; -logtostderr and -v belong to the SDK's logger.
	flag.String("tracing", "", "accepted, not used")
	flag.Bool("logflow", false, "accepted, not used")
	flag.Parse()
	if err := serve(flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-python:", err)
		os.Exit(1)
	}
}

func serve(engine string) error {
	alive, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if engine != "" {
		if err := rpcutil.Healthcheck(alive, engine, engineCheckInterval, stop); err != nil {
			return fmt.Errorf("watching the engine: %w", err)
		}
	}
	children, endChildren := context.WithCancel(alive)
	defer endChildren()

	quit := make(chan bool)
	context.AfterFunc(alive, func() { close(quit) })
	server, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: quit,
		Init: func(srv *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(srv, &host{
				engine: engine, children: children, endChildren: endChildren,
			})
			return nil
		},
	})
	if err != nil {
		return err
	}
	fmt.Println(server.Port) // the engine reads the port from the first line
	return <-server.Done
}

func (h *host) Handshake(
	_ context.Context, req *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	h.engine = req.GetEngineAddress()
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: sdk.Version.String()}, nil
}

// GetRequiredPackages names none ahead: the engine finds, or installs, a provider when the program
// registers the first resource of its package, and the SDK package says which version.
func (h *host) GetRequiredPackages(
	context.Context, *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

// Cancel ends the children at once. The engine waits five seconds for a host that lingers.
func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.endChildren()
	return &emptypb.Empty{}, nil
}

func (h *host) About(ctx context.Context, req *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	chain, err := pythonOf(req.GetInfo())
	if err != nil {
		return nil, err
	}
	about, err := chain.About(ctx)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.AboutResponse{
		Executable: about.PythonExecutable, Version: about.PythonVersion.String(),
	}, nil
}

func (h *host) Run(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	starter, err := beside("pulumi-language-python-exec")
	if err != nil {
		return nil, err
	}
	info := req.GetInfo()
	args := []string{
		"-u", starter,
		"--monitor", req.GetMonitorAddress(),
		"--engine", h.engine,
		"--project", req.GetProject(),
		"--root_directory", info.GetRootDirectory(),
		"--stack", req.GetStack(),
		"--pwd", req.GetPwd(),
		"--dry_run", strconv.FormatBool(req.GetDryRun()),
		"--parallel", strconv.Itoa(int(req.GetParallel())),
		"--organization", req.GetOrganization(),
		filepath.Join(info.GetProgramDirectory(), info.GetEntryPoint()),
	}
	cmd, end, err := h.python(ctx, info, append(args, req.GetArgs()...))
	if err != nil {
		return nil, err
	}
	defer end()
	if err := addConfig(cmd, req.GetConfig(), req.GetConfigSecretKeys()); err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr

	exit, err := exitCode(cmd.Run())
	switch {
	case err != nil:
		return nil, fmt.Errorf("starting the program: %w", err)
	case exit == alreadyReported:
		return &pulumirpc.RunResponse{Bail: true}, nil
	case exit != 0:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the program ended with exit status %d", exit)}, nil
	}
	return &pulumirpc.RunResponse{}, nil
}

// RunPlugin runs a policy pack, or any other plugin written in Python, until it ends by itself, the
// engine hangs up or Cancel comes.
func (h *host) RunPlugin(
	req *pulumirpc.RunPluginRequest, stream grpc.ServerStreamingServer[pulumirpc.RunPluginResponse],
) error {
	streams, stdout, stderr, err := rpcutil.MakeRunPluginStreams(stream, false /* isTerminal */)
	if err != nil {
		return err
	}
	defer streams.Close()

	info := req.GetInfo()
	pack := req.GetKind() == string(apitype.AnalyzerPlugin)
	directory := filepath.Join(info.GetProgramDirectory(), info.GetEntryPoint())
	args := []string{"-u", directory}
	if pack {
		args = []string{"-u", "-m", "pulumi.policy"}
	}
	args = append(args, req.GetArgs()...)
	if pack {
		args = append(args, directory)
	}
	cmd, end, err := h.python(stream.Context(), info, args)
	if err != nil {
		return err
	}
	defer end()
	cmd.Dir = req.GetPwd()
	cmd.Env = append(cmd.Env, req.GetEnv()...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	if pack {
		cmd.Dir = info.GetProgramDirectory()
		err = proxyPack(stream.Context(), cmd)
	} else {
		err = cmd.Run()
	}

	exit, err := exitCode(err)
	if err != nil {
		return fmt.Errorf("starting the plugin: %w", err)
	}
	return stream.Send(&pulumirpc.RunPluginResponse{
		Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: int32(exit)},
	})
}

// proxyPack stands between engine and pack: the pack's library reads project, stack and
// configuration from its environment, and the engine sends them only once the pack answers.
func proxyPack(ctx context.Context, cmd *exec.Cmd) error {
	proxy, stdout, err := sdk.NewPolicyProxy(ctx, cmd.Stdout)
	if err != nil {
		return err
	}
	cmd.Stdout = stdout
	stack, err := proxy.AwaitConfiguration(ctx)
	if err != nil {
		return err
	}
	if stack != nil {
		cmd.Env = append(cmd.Env,
			"PULUMI_PROJECT="+stack.GetProject(),
			"PULUMI_STACK="+stack.GetStack(),
			"PULUMI_ORGANIZATION="+stack.GetOrganization(),
			"PULUMI_DRY_RUN="+strconv.FormatBool(stack.GetDryRun()),
		)
		if err := addConfig(cmd, stack.GetConfig(), stack.GetConfigSecretKeys()); err != nil {
			return err
		}
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	return proxy.Attach(ctx, cmd)
}

// python builds the command under the project's virtual environment. It ends with the call it serves
// or with Cancel, whichever is first; the returned function releases what it holds.
func (h *host) python(
	call context.Context, info *pulumirpc.ProgramInfo, args []string,
) (*exec.Cmd, context.CancelFunc, error) {
	chain, err := pythonOf(info)
	if err != nil {
		return nil, nil, err
	}
	ctx, end := context.WithCancel(call)
	context.AfterFunc(h.children, end)
	cmd, err := chain.Command(ctx, args...)
	if err != nil {
		end()
		return nil, nil, err
	}
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	return cmd, end, nil
}

// pythonOf reads the runtime options of Pulumi.yaml or PulumiPolicy.yaml. The environment is always
// one that pip made or could have made, so `toolchain` is not looked at.
func pythonOf(info *pulumirpc.ProgramInfo) (toolchain.Toolchain, error) {
	virtualenv := info.GetOptions().GetFields()["virtualenv"].GetStringValue()
	chain, err := toolchain.ResolveToolchain(toolchain.PythonOptions{
		Root:       info.GetRootDirectory(),
		ProgramDir: info.GetProgramDirectory(),
		Virtualenv: virtualenv,
		Toolchain:  toolchain.Pip,
	})
	if err != nil {
		return nil, err
	}
	return chain, chain.ValidateVenv(context.Background())
}

// addConfig gives the configuration as the SDK reads it. Empty is `{}` and `[]`, never `null`.
func addConfig(cmd *exec.Cmd, config map[string]string, secretKeys []string) error {
	if config == nil {
		config = map[string]string{}
	}
	if secretKeys == nil {
		secretKeys = []string{}
	}
	values, err := json.Marshal(config)
	if err != nil {
		return err
	}
	keys, err := json.Marshal(secretKeys)
	if err != nil {
		return err
	}
	cmd.Env = append(cmd.Env, "PULUMI_CONFIG="+string(values), "PULUMI_CONFIG_SECRET_KEYS="+string(keys))
	return nil
}

// beside finds a file that the build laid next to this program.
func beside(name string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	return filepath.Join(filepath.Dir(self), name), nil
}

// exitCode tells a program that ended from one that could not be started.
func exitCode(err error) (int, error) {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}
