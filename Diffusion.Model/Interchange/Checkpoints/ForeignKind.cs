namespace Diffusion.Model.Interchange.Checkpoints;

/// <summary>What networks a file of weights is of, by the names of its tensors, where they are known and cannot be used here.</summary>
internal static class ForeignKind
{
    private const string Pixels = "a diffusion model of pixels: a U-Net that nothing but a time and a class label steers";

    // Of each kind the parts of names that a file of it has, the most particular kind first.
    private static readonly (string[] Parts, string Kind, string Expected)[] Kinds =
    [
        (["lora_A."], Lora, LoraExpected), (["lora_down."], Lora, LoraExpected), (["lora.down."], Lora, LoraExpected),
        (["model.diffusion_model.", "first_stage_model."], "a checkpoint of latent diffusion, such as Stable Diffusion", Latents),
        (["model.diffusion_model.", ".attn2.to_k."], "a checkpoint of latent diffusion, such as Stable Diffusion", Latents),
        (["double_blocks."], Transformer, Pixels), (["joint_blocks."], Transformer, Pixels),
        (["x_embedder.", "t_embedder."], Transformer, Pixels), (["adaln_single."], Transformer, Pixels),
        (["down_blocks.", ".attn2.to_k."], "a network that text steers (UNet2DConditionModel)", Latents),
        (["encoder.down_blocks.", "decoder.up_blocks."], "an autoencoder of images (AutoencoderKL)", Pixels),
        (["encoder.down.", "decoder.up.", "quant_conv."], "an autoencoder of images", Pixels),
        (["lm_head."], Language, Pixels), (["embed_tokens."], Language, Pixels), (["wte.weight"], Language, Pixels),
        (["embeddings.word_embeddings."], Language, Pixels), (["text_model.embeddings."], "an encoder of text (CLIP)", Pixels),
        (["layer1.0.conv1.", "fc.weight"], "a classifier of images (ResNet)", Pixels),
        (["to_time_emb.0.weights", "input_block.weight"], "a KarrasUnet of denoising-diffusion-pytorch",
            "a Unet of that program, or the network itself from EDM2, which has it from the same paper"),
        (["init_conv.", "time_mlp.", ".ds_conv."], EarlyUnet, LateUnet),
        (["downs.0.0.ds_conv."], EarlyUnet, LateUnet), (["mid_block1.block1.block."], EarlyUnet, LateUnet),
    ];

    private const string Lora = "a LoRA, which changes the weights of another network";
    private const string LoraExpected = "the whole weights of a network";
    private const string Latents = Pixels + "; there is no autoencoder and no encoder of text here";
    private const string Transformer = "a diffusion transformer";
    private const string Language = "a language model";
    private const string EarlyUnet = "a network of denoising-diffusion-pytorch before version 1, of other blocks";
    private const string LateUnet = "one of version 2, with root mean square normalisation";

    /// <summary>
    /// What the networks of a file are, and what is read in their place, in a few words each; null where they are not known.
    /// </summary>
    /// <param name="names">The names of its tensors.</param>
    public static (string Kind, string Expected)? Of(IEnumerable<string> names)
    {
        var all = names.ToArray();
        foreach (var (parts, kind, expected) in Kinds)
            if (parts.All(part => all.Any(name => name.Contains(part, StringComparison.Ordinal))))
                return (kind, expected);
        return null;
    }
}
