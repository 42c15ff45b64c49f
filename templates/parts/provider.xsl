<?xml version="1.0" encoding="UTF-8"?>
<!-- What set-up and the security settings say of a provider alike. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template name="precedence">
<p class="precedence">Where a credential comes from, always in this order: <strong>1.</strong> the environment variable that the programs were started with, <strong>2.</strong> the encrypted reference stored here. The first that is there is used or fails; the other is never tried in its place. If neither is there, what needs the credential fails at once.</p>
</xsl:template>

<xsl:template match="provider" mode="status"><span class="status {@status}"><xsl:value-of select="@status-title"/></span></xsl:template>
<xsl:template match="provider" mode="transition"><xsl:apply-templates select="@former-title"/><xsl:value-of select="@status-title"/></xsl:template>
<xsl:template match="@former-title"><xsl:value-of select="."/><xsl:text> -> </xsl:text></xsl:template>

<xsl:template match="provider" mode="verified">Never</xsl:template>
<xsl:template match="provider[@verified-at]" mode="verified"><time datetime="{@verified-at}"><xsl:value-of select="@verified-at-text"/></time></xsl:template>
<xsl:template match="provider" mode="checked">Never</xsl:template>
<xsl:template match="provider[@checked-at]" mode="checked"><time datetime="{@checked-at}"><xsl:value-of select="@checked-at-text"/></time></xsl:template>
<xsl:template match="provider" mode="due">When there is a credential</xsl:template>
<xsl:template match="provider[@due='yes']" mode="due" priority="2"><strong>check is due</strong></xsl:template>
<xsl:template match="provider[@due-at]" mode="due"><time datetime="{@due-at}"><xsl:value-of select="@due-at-text"/></time></xsl:template>

<xsl:template match="source">
<strong><xsl:apply-templates select="@winner"/></strong><xsl:text>. </xsl:text><xsl:value-of select="@why"/>
<span class="fine source-where"><xsl:text> Variable </xsl:text><code><xsl:value-of select="@variable"/></code><xsl:text>: </xsl:text><xsl:apply-templates select="@environment"/><xsl:text>. Reference </xsl:text><xsl:apply-templates select="." mode="reference"/><xsl:text>: </xsl:text><xsl:apply-templates select="@reference"/><xsl:apply-templates select="@key-version"/><xsl:text>.</xsl:text></span>
</xsl:template>
<xsl:template match="source" mode="reference"><code><xsl:value-of select="concat(@scope, '/', @secret-name)"/></code></xsl:template>
<xsl:template match="source[@secret-id]" mode="reference"><a href="/settings/security/secrets/{@secret-id}"><code><xsl:value-of select="concat(@scope, '/', @secret-name)"/></code></a></xsl:template>
<xsl:template match="source/@key-version"><xsl:text>, version </xsl:text><xsl:value-of select="."/></xsl:template>
<xsl:template match="source/@winner[.='environment']">Environment</xsl:template>
<xsl:template match="source/@winner[.='reference']">Encrypted reference</xsl:template>
<xsl:template match="@winner">None</xsl:template>
<xsl:template match="source/@environment[.='absent']">not set</xsl:template>
<xsl:template match="@environment">set</xsl:template>
<xsl:template match="@reference"><xsl:value-of select="."/></xsl:template>
<xsl:template match="source/@reference[.='absent']">nothing stored</xsl:template>
<xsl:template match="source/@reference[.='present']">stored</xsl:template>
<xsl:template match="source/@reference[.='does_not_open']">does not open</xsl:template>

<xsl:template match="provider" mode="error-type">None</xsl:template>
<xsl:template match="provider[problem]" mode="error-type"><a href="/errors/{problem/error/@type}"><code><xsl:value-of select="problem/@public-name"/></code></a><xsl:apply-templates select="problem/@class"/></xsl:template>
<xsl:template match="problem/@class"><xsl:text> (</xsl:text><xsl:call-template name="class"><xsl:with-param name="of" select="."/></xsl:call-template><xsl:text>)</xsl:text></xsl:template>
<xsl:template name="class"><xsl:param name="of"/><xsl:value-of select="translate($of, '_', ' ')"/></xsl:template>
<xsl:template match="provider" mode="remediation">None needed.</xsl:template>
<xsl:template match="provider[problem]" mode="remediation"><xsl:value-of select="problem/error/@remedy"/></xsl:template>

<xsl:template match="going-on">
<p class="going-on" id="provider-{../@name}-rotation">A rotation is going on: version <xsl:value-of select="@from-version"/><xsl:apply-templates select="@to-version"/>, <strong><xsl:value-of select="@state"/></strong>. <xsl:value-of select="@meaning"/> <xsl:apply-templates select="@stuck"/></p>
</xsl:template>
<xsl:template match="going-on/@stuck">It ends by itself, at the latest after <time datetime="{../@deadline}"><xsl:value-of select="../@deadline-text"/></time>.</xsl:template>
<xsl:template match="going-on/@stuck[.='yes']"><strong id="provider-{../../@name}-rotation-stuck">It is stuck:</strong> its time has come and no worker goes on with it; its deadline is <time datetime="{../@deadline}"><xsl:value-of select="../@deadline-text"/></time>. Look whether the workers run (<code>strongroom doctor</code>), or cancel it.</xsl:template>
<xsl:template match="going-on/@to-version"><xsl:text> to </xsl:text><xsl:value-of select="."/></xsl:template>
</xsl:stylesheet>
